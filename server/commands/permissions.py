"""`hallcall permissions`: who may what, as docs/permissions.md holds it."""

import click


@click.command()
def permissions() -> None:
    """Print who may open, call and hear what, in Markdown."""
    from flask import Flask

    from server.app import APIS
    from server.permissions import matrix

    routes = Flask(__name__)
    for api in APIS:
        routes.register_blueprint(api)
    click.echo(matrix(routes), nl=False)
