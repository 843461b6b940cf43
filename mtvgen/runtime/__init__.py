"""The runtime: everything that a generated project imports."""

from mtvgen.runtime.application.application import Application
from mtvgen.runtime.application.view_results import View
from mtvgen.runtime.http.errors import (
    BadGateway,
    BadRequest,
    Conflict,
    ContentTooLarge,
    ExpectationFailed,
    Forbidden,
    GatewayTimeout,
    Gone,
    HTTPError,
    HTTPVersionNotSupported,
    InternalServerError,
    LengthRequired,
    MethodNotAllowed,
    MisdirectedRequest,
    MissingField,
    NotAcceptable,
    NotFound,
    NotImplementedByServer,
    PaymentRequired,
    PreconditionFailed,
    PreconditionRequired,
    ProxyAuthenticationRequired,
    RangeNotSatisfiable,
    RequestHeaderFieldsTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
    UnprocessableContent,
    UnsupportedMediaType,
    UpgradeRequired,
    URITooLong,
)
from mtvgen.runtime.http.headers import RequestHeaders, ResponseHeaders
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.logs.access import access_log
from mtvgen.runtime.lookup import get_or_404
from mtvgen.runtime.middleware import Handler, Middleware
from mtvgen.runtime.requests.limits import Limits
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.requests.uploads import UploadedFile
from mtvgen.runtime.responses.conditional import conditional
from mtvgen.runtime.responses.files import send_file
from mtvgen.runtime.responses.json_response import json_response
from mtvgen.runtime.responses.response import Response, redirect
from mtvgen.runtime.routing.errors import (
    RouteConflictError,
    RouteSyntaxError,
    RoutingError,
    RoutingErrors,
    URLBuildError,
)
from mtvgen.runtime.routing.routes import Route, URLPattern, include, path
from mtvgen.runtime.security.allowed_hosts import allowed_hosts
from mtvgen.runtime.security.headers import security_headers
from mtvgen.runtime.security.origins import safe_next, same_origin
from mtvgen.runtime.security.passwords import (
    MAX_PASSWORD_LENGTH,
    hash_password,
    needs_rehash,
    verify_password,
)
from mtvgen.runtime.sessions import SessionError, flash, get_flashed_messages, signed_sessions
from mtvgen.runtime.settings.settings import Settings, SettingsError
from mtvgen.runtime.templates.rendering import Templates, render

__all__ = [
    "MAX_PASSWORD_LENGTH",
    "Application",
    "BadGateway",
    "BadRequest",
    "Conflict",
    "ContentTooLarge",
    "ExpectationFailed",
    "Forbidden",
    "GatewayTimeout",
    "Gone",
    "HTTPError",
    "HTTPVersionNotSupported",
    "Handler",
    "InternalServerError",
    "LengthRequired",
    "Limits",
    "MethodNotAllowed",
    "Middleware",
    "MisdirectedRequest",
    "MissingField",
    "MultiDict",
    "NotAcceptable",
    "NotFound",
    "NotImplementedByServer",
    "PaymentRequired",
    "PreconditionFailed",
    "PreconditionRequired",
    "ProxyAuthenticationRequired",
    "RangeNotSatisfiable",
    "Request",
    "RequestHeaderFieldsTooLarge",
    "RequestHeaders",
    "RequestTimeout",
    "Response",
    "ResponseHeaders",
    "Route",
    "RouteConflictError",
    "RouteSyntaxError",
    "RoutingError",
    "RoutingErrors",
    "ServiceUnavailable",
    "SessionError",
    "Settings",
    "SettingsError",
    "Templates",
    "TooManyRequests",
    "URITooLong",
    "URLBuildError",
    "URLPattern",
    "Unauthorized",
    "UnprocessableContent",
    "UnsupportedMediaType",
    "UpgradeRequired",
    "UploadedFile",
    "View",
    "access_log",
    "allowed_hosts",
    "conditional",
    "flash",
    "get_flashed_messages",
    "get_or_404",
    "hash_password",
    "include",
    "json_response",
    "needs_rehash",
    "path",
    "redirect",
    "render",
    "safe_next",
    "same_origin",
    "security_headers",
    "send_file",
    "signed_sessions",
    "verify_password",
]
