# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the page looks: one column on a phone, more on a desktop, light and dark."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --panel: #8881; --good: #1a7f37; --bad: #cf222e;
  --warn: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --good: #3fb950; --bad: #ff7b72; --warn: #d29922; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 46rem; overflow-wrap: anywhere; }
small { display: block; font-weight: normal; opacity: .7; }
.lead { opacity: .8; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.good, .bad { white-space: nowrap; font-weight: 600; }
.notice { border-left: 4px solid var(--warn); background: var(--panel); padding: .5rem .75rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; line-height: 1.35; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem 1.25rem .4rem 0; text-align: left;
  vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 600; }
tr:last-child > * { border-bottom: 0; }
td { font-variant-numeric: tabular-nums; }
.facts th { font-weight: normal; opacity: .7; white-space: nowrap; }
.facts td, .reasons th { overflow-wrap: anywhere; }
.reasons th { font-weight: normal; }
.reasons tr:first-child th { font-weight: 600; overflow-wrap: normal; }
.figures th:first-child { min-width: 9rem; }
.figures td, .numbers td, .figures th + th, .numbers th + th { text-align: right;
  min-width: 5rem; }
.numbers td, .numbers th { white-space: nowrap; }
.figures th + th { overflow-wrap: anywhere; }
@media (min-width: 60rem) { .figures small { display: inline; margin-left: .75rem; } }
@media (max-width: 30rem) { table { font-size: .9rem; }
  th, td { padding-right: .75rem; } }
.figures .group { display: block; padding-top: .9rem; opacity: .7; font-weight: normal; }
.grid { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%,
  22rem), 1fr)); }
.frame { display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
figure { margin: 0; min-width: 0; }
figure h3 { margin: 0; }
figure img { display: block; width: 100%; height: auto; }
figure svg { display: block; width: 100%; max-width: 38rem; height: auto;
  stroke-linejoin: round; }
figcaption { font-size: .85rem; opacity: .8; }
.key { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.key li { overflow-wrap: anywhere; }
.legends { display: flex; flex-wrap: wrap; gap: .5rem 2rem; background: Canvas;
  padding: .5rem 0; }
@media (min-width: 45rem) { .legends { position: sticky; top: 0; } }
.legend { flex: 1 1 17rem; max-width: 34rem; font-size: .85rem; }
.legend img { display: block; width: 100%; height: 14px; }
.ticks { position: relative; height: 1.5em; }
.ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.ticks span:first-child { transform: none; }
.ticks span:last-child { transform: translateX(-100%); }
details { margin: .75rem 0; }
summary { cursor: pointer; }
pre, code { font: .85em/1.45 ui-monospace, monospace; background: var(--panel);
  overflow-wrap: anywhere; }
pre { padding: .75rem; white-space: pre-wrap; }
.card { font-size: .9rem; border: 1px solid var(--line); margin-top: 1.5rem; max-width: 60rem;
  padding: .25rem 1rem 1rem; }
"""
