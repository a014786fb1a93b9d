"""Formulas as MathML, which every browser draws by itself: no script, no font and no network when a page is read."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number


def setup(app: Any) -> dict[str, bool]:
    """Make it the renderer of HTML pages."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(visitor: Any, node: nodes.math) -> None:
    visitor.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _display(visitor: Any, node: nodes.math_block) -> None:
    visitor.body.append(visitor.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        visitor.body.append(f'<span class="eqno">({get_node_equation_number(visitor, node)})')
        visitor.add_permalink_ref(node, "Link to this equation")
        visitor.body.append("</span>")
    visitor.body.append(tex2mathml(node.astext(), as_block=True) + "</div>\n")
    raise nodes.SkipNode
