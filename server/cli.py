"""The command `hallcall`: every subcommand is loaded only when it is asked for."""

import importlib

import click

COMMANDS = {
    "serve": "server.commands.operating:serve",
    "account": "server.commands.accounts:account",
    "permissions": "server.commands.permissions:permissions",
    "token": "server.commands.operating:token",
    "check-config": "server.commands.operating:check_config",
    "layout": "server.commands.layouts:layout",
    "audit": "server.commands.auditing:audit",
    "erase": "server.commands.auditing:erase",
    "retention": "server.commands.auditing:retention",
    "devices": "server.commands.devices:devices",
    "backup": "server.commands.backup:backup",
    "restore": "server.commands.backup:restore",
    "self-check": "server.commands.self_check:self_check",
    "clock": "server.commands.operating:clock",
    "run": "server.commands.run:run",
    "demo": "server.commands.demo:demo",
    "replay": "server.commands.replay:replay",
}


class Lazy(click.Group):
    """Imports a subcommand's module when it runs: `serve` must patch the standard library before anything else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name].partition(":")
        return getattr(importlib.import_module(module), command)  # type: ignore[no-any-return]


@click.group(cls=Lazy)
def main() -> None:
    """Queue tickets and window calling for the hall of an administrative service center."""


if __name__ == "__main__":
    main()
