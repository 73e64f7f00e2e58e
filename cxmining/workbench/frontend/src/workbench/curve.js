// The emotional journey: per touchpoint score, interval and expectation, WOW and pain.
import { button, make, scroller, svg } from './dom.js';

export const curve = ({ base, t, view, pick }, box) => () => {
  const { curve: found } = view();
  box.replaceChildren();
  if (!found) { make('p', 'wb-note', t('curve_none'), box); return; }
  const H = 170, top = 14, bottom = 14;
  const y = (v) => top + (H - top - bottom) * (1 - (v - found.low) / (found.high - found.low));
  const legend = make('p', 'wb-note wb-legend', null, box);
  for (const part of [found.metric, t('score_key'), t('expected_key'), t('wow_key')]) make('span', '', part, legend);
  const scroll = scroller(t('curve_head'), box, 'wb-scroll');
  const axis = make('div', 'wb-axis', null, scroll);
  const ticks = [found.low, (found.low + found.high) / 2, found.high];
  const ruler = svg('svg', { width: 30, height: H, 'aria-hidden': 'true' }, axis);
  for (const tick of ticks) svg('text', { x: 26, y: y(tick) + 4, 'text-anchor': 'end' }, ruler).textContent = new Intl.NumberFormat(base.language).format(tick);
  for (const c of found.columns) {
    const column = button(null, 'wb-col', scroll, () => pick('touchpoint', c.id));
    column.dataset.touchpoint = c.id;
    const root = svg('svg', { viewBox: `0 0 100 ${H}`, width: '100%', height: H, 'aria-hidden': 'true' }, column);
    for (const tick of ticks) svg('line', { class: 'wb-grid', x1: -200, x2: 300, y1: y(tick), y2: y(tick) }, root);
    if (c.expected) {
      const e = y(c.expected[0]);
      svg('path', { class: 'wb-expected', d: `M50,${e - 6}L56,${e}L50,${e + 6}L44,${e}Z` }, root);
    }
    if (c.score) {
      const [mean, low, high] = c.score;
      svg('line', { class: 'wb-whisker', x1: 50, x2: 50, y1: y(low), y2: y(high) }, root);
      svg('circle', { class: 'wb-dot', cx: 50, cy: y(mean), r: 5 }, root);
      svg('text', { class: 'wb-value', x: 60, y: y(mean) + 4 }, root).textContent = c.said;
    } else svg('text', { class: 'wb-value', x: 50, y: H / 2, 'text-anchor': 'middle' }, root).textContent = c.said;
    make('span', 'wb-col-name', c.label, column);
    for (const line of c.more) make('span', 'wb-small', line, column);
    const moments = make('span', 'wb-moments', null, column);
    if (c.wow) make('span', 'wb-wow', `▲ ${c.wow}`, moments);
    if (c.pain) make('span', 'wb-pain', `▼ ${c.pain}`, moments);
    column.title = [c.name, c.gap].filter(Boolean).join(', ');
    column.setAttribute('aria-label', [c.name, c.said, ...c.more, c.gap, c.wow && `▲ ${c.wow}`, c.pain && `▼ ${c.pain}`].filter(Boolean).join(', '));
  }
};
