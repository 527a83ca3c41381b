"""The API's description, written when somebody asks for it: written at import it was half of a server's start."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_openapi3 import APIBlueprint, OpenAPI
from flask_openapi3.types import ParametersTuple
from flask_openapi3.utils import parse_parameters


class Api(APIBlueprint):
    """Routes that keep for later what they have to say of themselves."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._untold: list[partial[ParametersTuple]] = []
        super().__init__(*given, **named)

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **said: Any) -> ParametersTuple:
        self._untold.append(partial(super()._collect_openapi_info, rule, func, **said))
        return parse_parameters(func, doc_ui=False)

    def describe(self) -> None:
        """Fills `paths`, `tags` and `components_schemas`."""
        for tell in self._untold:
            tell()
        self._untold = []


class DescribedApp(OpenAPI):
    """An app whose `api_doc` asks its routes first."""

    @property
    def api_doc(self) -> dict[str, Any]:
        if not self.spec_json:
            for api in self.blueprints.values():
                if isinstance(api, Api):
                    api.describe()
                    self.tags += [tag for tag in api.tags if tag not in self.tags]
                    self.paths.update(api.paths)
                    self.components_schemas.update(api.components_schemas)
        return dict(super().api_doc)
