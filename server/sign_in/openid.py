"""OpenID Connect: the code flow with PKCE, state and nonce, to an identity provider of the house's own."""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from hall.settings import OpenId

SECONDS = 5
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signed with a key that the provider alone holds: not `none`, and not with the secret we share."""


class NotVouched(Exception):
    """The provider did not answer as it must, or not for this sign-in."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the browser keeps while it is at the provider, signed by us."""

    state: str
    nonce: str
    verifier: str
    hall: str
    to: str


class Provider:
    """The provider of the settings; its own description and keys are read when somebody signs in."""

    def __init__(self, settings: OpenId, secret: str | None) -> None:
        self.settings = settings
        self._secret = secret
        self._about: dict[str, Any] | None = None

    def leave(self, redirect_uri: str, hall: str, to: str) -> tuple[str, dict[str, str]]:
        """The provider's address for this sign-in, and what is to be kept for the way back. Raises NotVouched."""
        gone = Leaving(*(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)), hall, to)
        try:
            with self._session(redirect_uri) as session:
                door = self._description(session)["authorization_endpoint"]
                kept = {"state": gone.state, "nonce": gone.nonce, "code_verifier": gone.verifier}
                url, _ = session.create_authorization_url(door, **kept)
        except (RequestException, KeyError, ValueError, TypeError) as error:
            raise NotVouched(type(error).__name__) from None
        return str(url), asdict(gone)

    def come_back(self, redirect_uri: str, gone: Leaving, address: str) -> tuple[str, str]:
        """(who they are at this provider, preferred_username) of who came back to `address`. Raises NotVouched."""
        try:
            with self._session(redirect_uri, gone.state) as session:
                about = self._description(session)
                given = session.fetch_token(
                    about["token_endpoint"],
                    authorization_response=address,
                    code_verifier=gone.verifier,
                    timeout=SECONDS,
                )
                return self._vouched(session, about, given, gone)
        except (AuthlibBaseError, JoseError, RequestException, KeyError, ValueError, TypeError) as error:
            raise NotVouched(type(error).__name__) from None

    def _session(self, redirect_uri: str, state: str | None = None) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self._secret,
            scope="openid profile",
            redirect_uri=redirect_uri,
            state=state,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )
        session.max_redirects = 0
        return session

    def _description(self, session: OAuth2Session) -> dict[str, Any]:
        """As OpenID Connect Discovery has it; a description of another issuer is not believed."""
        if self._about is None:
            issuer = self.settings.issuer
            asked = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            told = session.get(asked, timeout=SECONDS, withhold_token=True).json()
            if told["issuer"] != issuer:
                raise ValueError("issuer")
            self._about = told
        return self._about

    def _vouched(
        self, session: OAuth2Session, about: dict[str, Any], given: dict[str, Any], gone: Leaving
    ) -> tuple[str, str]:
        keys = KeySet.import_key_set(session.get(about["jwks_uri"], timeout=SECONDS, withhold_token=True).json())
        token = jwt.decode(given["id_token"], keys, algorithms=ALGORITHMS)
        wanted = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
            "nonce": {"essential": True, "value": gone.nonce},
        }
        more = {"client_id": self.settings.client_id, "nonce": gone.nonce, "access_token": given["access_token"]}
        claims = CodeIDToken(token.claims, token.header, wanted, more)
        claims.validate(leeway=60)
        # A subject means somebody at its own provider alone: of another one the same may be anybody.
        who = hashlib.sha256(f"{self.settings.issuer} {claims['sub']}".encode()).hexdigest()
        return who, str(claims.get("preferred_username", ""))
