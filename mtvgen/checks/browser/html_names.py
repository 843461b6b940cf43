"""Names of the HTML standard: elements, attributes that are scripts, types of scripts."""

from __future__ import annotations

from mtvgen.checks.markup.elements import Element

# HTML, 8.1.8.2: handlers on elements, documents and windows; and those of UI Events, Pointer
# Events, CSS Animations and Transitions.
_EVENTS = """
    abort afterprint animationcancel animationend animationiteration animationstart auxclick
    beforeinput beforematch beforeprint beforetoggle beforeunload blur cancel canplay
    canplaythrough change click close contextlost contextmenu contextrestored copy cuechange cut
    dblclick drag dragend dragenter dragleave dragover dragstart drop durationchange emptied
    ended error focus focusin focusout formdata gotpointercapture hashchange input invalid
    keydown keypress keyup languagechange load loadeddata loadedmetadata loadstart
    lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout
    mouseover mouseup offline online pagehide pageshow paste pause play playing pointercancel
    pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerup popstate
    progress ratechange reset resize scroll scrollend securitypolicyviolation seeked seeking
    select selectionchange selectstart slotchange stalled storage submit suspend timeupdate
    toggle touchcancel touchend touchmove touchstart transitioncancel transitionend
    transitionrun transitionstart unhandledrejection unload volumechange waiting wheel
"""
EVENT_HANDLERS = frozenset(f"on{event}" for event in _EVENTS.split())
# HTML, 4: every element, and those that were removed and that browsers still know.
_ELEMENTS = """
    a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button
    canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div
    dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
    head header hgroup hr html i iframe image img input ins kbd label legend li link main map
    mark marquee math menu meta meter nav nobr noembed noframes noscript object ol optgroup
    option output p param picture plaintext pre progress q rb rp rt rtc ruby s samp script
    search section select selectedcontent slot small source span strike strong style sub summary
    sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var
    video wbr xmp
"""
ELEMENTS = frozenset(_ELEMENTS.split())
# HTML, 13.1.2.4: elements that end by themselves.
_OPTIONAL_END = """
    body caption colgroup dd dt head html li optgroup option p rb rp rt rtc tbody td tfoot th
    thead tr
"""
OPTIONAL_END = frozenset(_OPTIONAL_END.split())
# HTML, 4.12.1: what a script element's type has to be to be run.
_JAVASCRIPT = frozenset(
    {"", "module", "text/javascript", "application/javascript", "text/ecmascript"}
    | {"application/ecmascript", "application/x-javascript", "text/jscript"}
)


def runs_as_script(element: Element) -> bool:
    """Return whether a script element is run, as far as its type is known: no data, no template."""
    return (element.text("type", "") or "").strip().lower() in _JAVASCRIPT and (
        element.text("type", "") is not None
    )
