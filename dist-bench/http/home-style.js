/** The style of the page at `/`, which its Content-Security-Policy names by digest. */
export const HOME_STYLE = `
:root { --ink: #12211d; --soft: #5a6c66; --line: #d9e3df; --paper: #ffffff; --sea: #eef4f2; --kelp: #0f766e; --warn: #b45309; --bad: #b91c1c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6efec; --soft: #93a6a0; --line: #25332f; --paper: #121b19; --sea: #0b1211; --kelp: #2dd4bf; --warn: #fbbf24; --bad: #f87171 }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--sea); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; padding: clamp(1rem, 5vw, 4.5rem) 1rem }
main { max-width: 46rem; margin: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 16px; overflow: hidden; box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 12px 40px -16px rgb(0 40 35 / .18) }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem 1.1rem; padding: 1.75rem 2rem; border-bottom: 1px solid var(--line) }
header svg { color: var(--kelp); flex: none }
.rock { color: var(--soft); opacity: .55 }
h1 { font-size: 1.65rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650 }
header div { flex: 1 1 10rem }
header div p { color: var(--soft) }
.state { margin-left: auto; display: flex; align-items: center; gap: .55rem; padding: .3rem .85rem .3rem .7rem; border: 1px solid var(--line); border-radius: 99px; font-size: .9rem; font-weight: 550 }
.dot { width: .6rem; height: .6rem; border-radius: 50%; background: var(--soft) }
.healthy .dot { background: var(--kelp) }
.degraded .dot { background: var(--warn) }
.down .dot, .closed .dot { background: var(--bad) }
section { padding: 1.5rem 2rem }
section + section { border-top: 1px solid var(--line) }
dl { display: grid; gap: .6rem }
dl div { display: grid; grid-template-columns: 10rem 1fr; gap: .25rem 1rem }
dt { color: var(--soft) }
dd { overflow-wrap: anywhere }
.problems { list-style: none; padding: 0; margin-top: 1rem; display: grid; gap: .5rem }
.problems li { padding: .6rem .9rem; border-left: 3px solid var(--soft); background: var(--sea); border-radius: 4px; overflow-wrap: anywhere; font-size: .93rem }
.problems .warning { border-color: var(--warn) }
.problems .error { border-color: var(--bad) }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .08em; color: var(--soft); font-weight: 600; margin-bottom: 1rem }
ol { list-style: none; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.1rem }
h3 { font-size: .98rem; font-weight: 600; margin-bottom: .35rem }
pre { background: var(--sea); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; overflow-x: auto; user-select: all }
code { font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.note { margin-top: 1.1rem; color: var(--soft); font-size: .93rem }
footer { padding: 1rem 2rem; border-top: 1px solid var(--line); background: var(--sea) }
nav { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; font-size: .93rem }
a { color: var(--kelp); text-underline-offset: .2em; text-decoration-thickness: 1px }
@media (max-width: 34rem) { header, section, footer { padding-left: 1.25rem; padding-right: 1.25rem } .state { margin-left: 0 } dl div { grid-template-columns: 1fr } }
`;
//# sourceMappingURL=home-style.js.map