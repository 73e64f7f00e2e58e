// The values of an attribute of customers side by side, touchpoint by touchpoint, with the corrected test on demand.
import { button, make, scroller, select, track } from './dom.js';

export const segments = ({ base, t, model, ask, pick }, box) => {
  let measure = 'reach';
  const draw = () => {
    const found = model.get('parted') || {};
    const here = box.contains(document.activeElement) ? document.activeElement.dataset.keep : '';
    box.replaceChildren();
    if (!base.attributes.length) { make('p', 'wb-note', t('no_attribute'), box); return; }
    if (!found.by) return;
    const bar = make('div', 'wb-acts', null, box);
    const field = (key, options, value, act) => {
      const holder = make('label', 'wb-inline', null, bar);
      make('span', '', t(key), holder);
      const own = select(t(key), options, holder);
      own.classList.add(`wb-${key}`);
      own.dataset.keep = key;
      own.value = value;
      own.addEventListener('change', () => act(own.value));
    };
    field('attribute', base.attributes, found.by, (by) => ask({ do: 'segments', by }));
    const scored = found.rows.some((r) => r.score.some((s) => s.at));
    if (!scored) measure = 'reach';
    const measures = [{ id: 'reach', label: t('reach_col') }, ...(scored ? [{ id: 'score', label: t('scale_col', { metric: found.metric }) }] : [])];
    field('measure', measures, measure, (value) => { measure = value; draw(); });
    if (!found.error) button(t('test_difference'), 'wb-tool wb-test', bar, () => ask({ do: 'test_segments' })).dataset.keep = 'test';
    if (here) box.querySelector(`[data-keep="${here}"]`)?.focus({ preventScroll: true });
    if (found.error) { make('p', 'wb-few', found.error, box); return; }
    const hold = new Set((found.tested?.hold ?? []).filter(([, m]) => m === measure).map(([id]) => id));
    if (found.tested) {
      const told = make('div', 'wb-told-test', null, box);
      told.setAttribute('role', 'status');
      make('p', 'wb-verdict', found.tested.head, told);
      const list = make('ul', 'wb-tested', null, told);
      for (const line of found.tested.said) make('li', '', line, list);
    }
    if (found.note) make('p', 'wb-note wb-caution', found.note, box);
    const table = make('table', 'wb-table wb-parts', null, scroller(t('segments_tab'), box));
    const top = make('tr', '', null, make('thead', '', null, table));
    make('th', '', t('touchpoint'), top).scope = 'col';
    for (const value of found.values) {
      const head = make('th', '', value.label, top);
      head.scope = 'col';
      make('span', 'wb-small wb-under', value.n, head);
    }
    const rows = make('tbody', '', null, table);
    for (const r of found.rows) {
      if (measure === 'score' && !r.score.some((s) => s.said !== base.missing)) continue;
      const row = make('tr', '', null, rows);
      const name = make('th', '', null, row);
      name.scope = 'row';
      if (r.known) button(r.label, 'wb-link', name, () => pick('touchpoint', r.id)).dataset.touchpoint = r.id;
      else make('span', '', r.label, name);
      if (hold.has(r.id)) {
        const sign = make('span', 'wb-differs', ' ≠', name);
        sign.title = t('differs');
        sign.setAttribute('role', 'img');
        sign.setAttribute('aria-label', t('differs'));
      }
      for (const s of r[measure]) {
        const cell = make('td', 'wb-part', null, row);
        if (s.at) track(cell, [s.at]);
        const words = make('div', '', null, cell);
        make('span', 'wb-said', s.said, words);
        if (s.more) make('span', 'wb-small wb-under', s.more, words);
      }
    }
    if (found.without) make('p', 'wb-note', found.without, box);
  };
  return draw;
};
