// Two states side by side, with the corrected test on demand.
import { button, make, scroller, track } from './dom.js';

export const pair = ({ t, model, view, ask, pick }, box) => () => {
  const { pair: found } = view();
  box.replaceChildren();
  if (!found) { make('p', 'wb-note', t('pair_none'), box); return; }
  const legend = make('p', 'wb-note wb-legend', null, box);
  for (const name of ['A', 'B']) make('span', `wb-key-${name}`, `${name}: ${found.said[name].join(' · ')}`, legend);
  if (found.error) { make('p', 'wb-few', found.error, box); return; }
  const table = make('table', 'wb-table', null, scroller(t('compare_head'), box));
  const top = make('tr', '', null, make('thead', '', null, table));
  make('th', '', t('touchpoint'), top).scope = 'col';
  for (const measure of ['reach', 'score']) make('th', '', t(measure), top).colSpan = 2;
  const rows = make('tbody', '', null, table);
  for (const r of found.rows) {
    const row = make('tr', '', null, rows);
    const name = make('th', '', null, row);
    name.scope = 'row';
    button(r.label, 'wb-link', name, () => pick('touchpoint', r.id)).dataset.touchpoint = r.id;
    for (const measure of ['reach', 'score']) {
      const cell = make('td', 'wb-cell', null, row);
      const there = r[measure].filter((s) => s.at);
      if (there.length === 2) track(cell, there.map((s) => s.at));
      const words = make('td', '', null, row);
      r[measure].forEach((s, i) => {
        const line = make('div', '', `${'AB'[i]} ${s.said}`, words);
        if (s.more) make('span', 'wb-small', ` ${s.more}`, line);
      });
    }
  }
  button(t('test_difference'), 'wb-tool wb-test', box, () => ask({ do: 'compare' }));
  const told = model.get('tested');
  if (told && told.a === JSON.stringify(view().saved.A) && told.b === JSON.stringify(view().saved.B)) {
    const list = make('ul', 'wb-tested', null, box);
    for (const line of told.said) make('li', '', line, list);
  }
};
