"""Sentences for visitors, in English and in Chinese; a form class may have its own by `messages=`.

Public: the keys, which `messages=` takes: `{"required": "..."}` for every field of a form class,
`{"email.taken": "..."}` for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtvgen.runtime.forms.errors import Refusal

ENGLISH = {
    "required": "Fill this in.",
    "choose": "Choose one.",
    "tick": "Tick this box.",
    "choose_file": "Choose a file.",
    "too_long": "Write {limit:,} characters at most; there are {count:,}.",
    "too_short": "Write {limit:,} characters at least.",
    "too_many": "{limit:,} at most.",
    "too_few": "{limit:,} at least.",
    "number": "Write a number, such as 12.5.",
    "whole": "Write a whole number, such as 12.",
    "ambiguous": "Write {whole} or {fraction}: {text} can mean either.",
    "least": "Write {limit} or more.",
    "most": "Write {limit} or less.",
    "earliest": "Choose {limit} or later.",
    "latest": "Choose {limit} or earlier.",
    "places": "Write {limit} digits after the point at most.",
    "date": "Write a date, such as 2026-03-31.",
    "datetime": "Write a date and a time, such as 2026-03-31 14:30.",
    "time": "Write a time, such as 14:30.",
    "no_such_day": "There is no such day.",
    "no_such_time": "There is no such time on that day: the clocks are put forward.",
    "text": "This holds characters that can't be saved.",
    "choice": "Choose one of those that are offered.",
    "gone": "This is not there anymore. Choose another.",
    "file_type": "Choose a file of another type: {types}.",
    "file_size": "Choose a smaller file: {limit} at most.",
    "file_again": "Choose the file again.",
    "taken": "This is taken already.",
    "taken_together": "There is one like this already.",
    "changed": (
        "Somebody else has changed this in the meantime. "
        "Send it again to replace what they wrote, or open the page again to see it."
    ),
    "deleted": "Somebody else has deleted this in the meantime.",
    "unknown": "There is no such field.",
    "json_object": "Send an object.",
    "json_text": "Send a string.",
    "json_number": "Send a number.",
    "json_bool": "Send true or false.",
    "json_list": "Send a list.",
    "prompt": "Choose one",
    "prompt_for_none": "(none)",
}

CHINESE = {
    "required": "请填写此项。",
    "choose": "请选择一项。",
    "tick": "请勾选此项。",
    "choose_file": "请选择文件。",
    "too_long": "最多 {limit} 个字符，现有 {count} 个。",
    "too_short": "至少 {limit} 个字符。",
    "too_many": "最多 {limit} 项。",
    "too_few": "至少 {limit} 项。",
    "number": "请填写数字，例如 12.5。",
    "whole": "请填写整数，例如 12。",
    "ambiguous": "{text} 有两种读法，请写成 {whole} 或 {fraction}。",
    "least": "不能小于 {limit}。",
    "most": "不能大于 {limit}。",
    "earliest": "不能早于 {limit}。",
    "latest": "不能晚于 {limit}。",
    "places": "小数点后最多 {limit} 位。",
    "date": "请填写日期，例如 2026-03-31。",
    "datetime": "请填写日期和时间，例如 2026-03-31 14:30。",
    "time": "请填写时间，例如 14:30。",
    "no_such_day": "没有这一天。",
    "no_such_time": "那天没有这个时刻：时钟在此时拨快。",
    "text": "含有无法保存的字符。",
    "choice": "请在所列选项中选择。",
    "gone": "此项已不存在，请另选一项。",
    "file_type": "不支持这种文件，请选择：{types}。",
    "file_size": "文件过大，最大 {limit}。",
    "file_again": "请重新选择文件。",
    "taken": "已被使用。",
    "taken_together": "已有相同的一项。",
    "changed": "其他人刚刚修改过。再次提交将覆盖其修改，重新打开页面可以查看。",
    "deleted": "其他人刚刚删除了它。",
    "unknown": "没有这个字段。",
    "json_object": "请发送对象。",
    "json_text": "请发送字符串。",
    "json_number": "请发送数字。",
    "json_bool": "请发送 true 或 false。",
    "json_list": "请发送列表。",
    "prompt": "请选择",
    "prompt_for_none": "不选",
}

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}


def sentence(refusal: Refusal | str, language: str, messages: Mapping[str, Any], name: str) -> str:
    """Return the sentence for a visitor.

    Args:
        refusal: Why something is not taken; a text is one already.
        language: A language tag (RFC 5646): `zh`, `en-GB`; any that is not here becomes English.
        messages: The form's own sentences; each is made a `str` when it is used, as a
            translation that waits for its request has to be.
        name: The field's.
    """
    if isinstance(refusal, str):
        return refusal
    own = messages.get(f"{name}.{refusal.key}") or messages.get(refusal.key)
    if own is None:
        primary = language.partition("-")[0].partition("_")[0].lower()
        own = LANGUAGES.get(primary, ENGLISH)[refusal.key]
    return str(own).format_map(refusal.facts)
