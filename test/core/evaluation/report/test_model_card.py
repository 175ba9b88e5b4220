# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Model cards become HTML, and nothing in them becomes more than text."""

import pytest

from adu_depth_core.evaluation.report.markdown import card_html
from adu_depth_core.weights import shipped_model


@pytest.mark.parametrize(
    ('markdown', 'html'),
    [
        ('# Title', '<h3>Title</h3>'),
        ('###### deep', '<h6>deep</h6>'),
        ('one\ntwo\n\nthree', '<p>one two</p><p>three</p>'),
        ('# a\nwords', '<h3>a</h3><p>words</p>'),
        ('`a<b` and **bold**', '<p><code>a&lt;b</code> and <strong>bold</strong></p>'),
        ('- one\n- two\n  goes on', '<ul><li>one</li><li>two goes on</li></ul>'),
        ('```\na  <b>\n# c\n```\nend', '<pre>a  &lt;b&gt;\n# c</pre><p>end</p>'),
        ('```sh\nnever closed', '<pre>never closed</pre>'),
        ('#hashtag', '<p>#hashtag</p>'),
        ('**half', '<p>**half</p>'),
        ('[a](javascript:b)', '<p>[a](javascript:b)</p>'),
        ('', ''),
    ],
)
def test_markdown_becomes_html(markdown: str, html: str) -> None:
    assert card_html(markdown) == html


def test_table_has_a_head_where_there_is_one() -> None:
    with_head = card_html('| a | b |\n|---|:-:|\n| `1` | <2> |')
    assert '<tr><th scope="col">a</th><th scope="col">b</th></tr>' in with_head
    assert '<tr><th scope="row"><code>1</code></th><td>&lt;2&gt;</td></tr>' in with_head
    without = card_html('| | |\n|---|---|\n| a | b |')
    assert without.count('<tr>') == 1
    assert '---' not in with_head + without


def test_shipped_card_is_understood() -> None:
    html = card_html(shipped_model('tiny').with_suffix('.md').read_text(encoding='utf-8'))
    assert html.startswith('<h3>')
    assert not [mark for mark in ('```', '**', '| ', '# ') if mark in html]
