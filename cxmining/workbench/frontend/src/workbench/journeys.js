// Down to journeys: the first that meet the filters and the selection, and one of them contact by contact.
import { button, make, path, scroller, select } from './dom.js';

export const journeys = ({ base, t, model, ask }, box) => {
  let from = '';
  return () => {
    const found = model.get('listed') || {};
    const here = box.contains(document.activeElement), was = document.activeElement?.dataset?.journey;
    box.replaceChildren();
    if (!found.order) return;
    if (found.error) { make('p', 'wb-few', found.error, box); return; }
    if (found.one) { one(found); return; }
    const bar = make('div', 'wb-acts', null, box);
    const holder = make('label', 'wb-inline', null, bar);
    make('span', '', t('order'), holder);
    const order = select(t('order'), base.orders, holder);
    order.classList.add('wb-order');
    order.value = found.order;
    order.addEventListener('change', () => ask({ do: 'journeys', order: order.value }));
    make('p', 'wb-note', found.head, box);
    const table = make('table', 'wb-table wb-list', null, scroller(t('journeys_tab'), box));
    const top = make('tr', '', null, make('thead', '', null, table));
    for (const name of [t('start_col'), t('customer'), found.metric || t('score_col'), t('duration_col'), t('contacts_col'), t('steps_col')]) make('th', '', name, top).scope = 'col';
    const rows = make('tbody', '', null, table);
    for (const r of found.rows) {
      const row = make('tr', '', null, rows);
      const head = make('th', '', null, row);
      head.scope = 'row';
      const own = button(r.start, 'wb-link', head, () => { from = r.id; ask({ do: 'journey', id: r.id }); });
      own.dataset.journey = r.id;
      own.setAttribute('aria-label', t('open_journey', { customer: r.customer, start: r.start }));
      make('td', 'wb-code-like', r.customer, row);
      make('td', 'wb-num', r.score, row);
      make('td', 'wb-num', r.lasts, row);
      make('td', 'wb-num', r.n, row);
      const steps = make('td', '', null, row);
      const line = path(r.steps, steps);
      line.setAttribute('role', 'img');
      line.setAttribute('aria-label', r.said);
      line.title = r.said;
      if (r.more) make('span', 'wb-small', t('more_steps', { n: r.more }), line);
    }
    const back = from || was;
    if ((here || from) && back) [...table.querySelectorAll('[data-journey]')].find((b) => b.dataset.journey === back)?.focus({ preventScroll: true });
    from = '';
  };

  function one({ one: j }) {
    const bar = make('div', 'wb-acts', null, box);
    const back = button(t('back'), 'wb-tool wb-back', bar, () => { from = j.id; ask({ do: 'journey', id: '' }); });
    make('h4', '', j.head, box);
    if (j.whole) make('p', 'wb-note', `${t('whole')}: ${j.whole}`, box);
    for (const quote of j.quotes) make('blockquote', '', quote, box);
    const quoted = j.rows.some((r) => r.quote);
    const table = make('table', 'wb-table wb-contacts', null, scroller(j.head, box));
    const top = make('tr', '', null, make('thead', '', null, table));
    for (const name of [t('contact_col'), t('channel_col'), t('local_col'), t('wait_col'), t('score_col'), ...(quoted ? [t('quote_col')] : [])]) make('th', '', name, top).scope = 'col';
    const rows = make('tbody', '', null, table);
    for (const r of j.rows) {
      const row = make('tr', '', null, rows);
      row.dataset.touchpoint = r.id;
      const name = make('th', 'wb-contact', null, row);
      name.scope = 'row';
      make('i', 'cx-dot', null, name).dataset.channel = r.channel;
      name.append(r.label);
      make('td', '', r.channel_label, row);
      const when = make('td', 'wb-num', r.at, row);
      if (r.since) make('span', 'wb-small wb-under', t('since', { time: r.since }), when);
      make('td', 'wb-num', r.wait, row);
      make('td', 'wb-num', r.scores, row);
      if (quoted) make('td', 'wb-quote', r.quote, row);
    }
    if (j.quotes_said) make('p', 'wb-note', j.quotes_said, box);
    back.focus({ preventScroll: true });
  }
};
