"""The pages of errors that need no template, in the site's language."""

from __future__ import annotations

from html import escape

from mtvgen.runtime.http.errors import PHRASES, HTTPError
from mtvgen.runtime.responses.error_fields import guard
from mtvgen.runtime.responses.response import Response

# What a visitor reads in the place of the English phrases of RFC 9110, section 15.
CHINESE = {
    400: "请求有误",
    401: "需要登录",
    402: "需要付款",
    403: "禁止访问",
    404: "页面不存在",
    405: "不支持这种请求方法",
    406: "没有可以接受的格式",
    407: "需要代理身份验证",
    408: "请求超时",
    409: "与当前状态冲突",
    410: "页面已经删除",
    411: "请求缺少长度",
    412: "不满足请求的条件",
    413: "内容太大",
    414: "地址太长",
    415: "不支持这种内容类型",
    416: "请求的范围不存在",
    417: "无法满足请求的期望",
    421: "请求发到了错误的服务器",
    422: "内容无法处理",
    426: "需要升级协议",
    428: "请求需要带条件",
    429: "请求过于频繁，请稍后再试",
    431: "请求头太大",
    500: "服务器出错，请稍后再试",
    501: "服务器不支持这种请求",
    502: "上游服务器的回答无效",
    503: "服务暂时不可用，请稍后再试",
    504: "上游服务器没有及时回答",
    505: "不支持这个 HTTP 版本",
}


class PlainPages:
    """The plain page of each status, made once; each request gets a copy.

    Args:
        language: `zh`, or anything for English.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = "zh" if language.partition("-")[0].lower() == "zh" else "en"
        self._pages: dict[int, Response] = {}
        self._answers: dict[type[HTTPError], Response] = {}

    def page(self, status: int, detail: str = "") -> Response:
        """Return the page of a status, with a sentence for the visitor or without."""
        if detail:
            return Response(self._html(status, detail), status)
        kept = self._pages.get(status)
        if kept is None:
            kept = self._pages[status] = Response(self._html(status), status)
            guard(kept)
        return kept.copy()

    def answer(self, kind: type[HTTPError]) -> Response:
        """Return the answer to an error of a class that has no words of its own."""
        kept = self._answers.get(kind)
        if kept is None:
            kept = self._answers[kind] = self.page(kind.status)
            kept.error = kind()
        return kept.copy()

    def _html(self, status: int, detail: str = "") -> str:
        phrase = escape(self._phrase(status))
        paragraph = f"<p>{escape(detail)}</p>\n" if detail else ""
        return (
            f'<!doctype html>\n<html lang="{self._language}">\n<meta charset="utf-8">\n'
            f"<title>{phrase}</title>\n<h1>{phrase}</h1>\n{paragraph}</html>\n"
        )

    def _phrase(self, status: int) -> str:
        if self._language == "zh" and status in CHINESE:
            return f"{status} {CHINESE[status]}"
        return f"{status} {PHRASES.get(status, 'Unknown')}"
