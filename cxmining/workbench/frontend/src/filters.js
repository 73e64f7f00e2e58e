// The filters by channel and persona: every word and figure is made beforehand; here one slice takes the place of another.

/** One of the things that `fold` in cxmining/report/filters.py laid side by side. */
export function unfold(folded, i) {
  const off = folded['-'] || [];
  if (off.includes(i)) return undefined;
  if ('o' in folded) {
    const found = {};
    for (const key of Object.keys(folded.o)) {
      const value = unfold(folded.o[key], i);
      // a label may be called __proto__
      if (value !== undefined) Object.defineProperty(found, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return found;
  }
  if ('l' in folded) return folded.l.map((part) => unfold(part, i)).filter((value) => value !== undefined);
  return '=' in folded ? folded['='] : folded.v[i - off.filter((j) => j < i).length];
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

const make = (tag, className, text, parent) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};

const specOf = ({ order, nodes, edges, ...rest }) => ({
  ...rest,
  nodes: order.map((id) => nodes[id]),
  edges: Object.entries(edges)
    .map(([key, edge]) => ({ s: key.split('\u001f')[0], t: key.split('\u001f')[1], ...edge }))
    .sort((a, b) => b.v - a.v || (a.s + '\u0000' + a.t < b.s + '\u0000' + b.t ? -1 : 1)),
});

function setCell(cell, [text, value, look, more]) {
  cell.dataset.v = value;
  cell.className = `${cell.classList.contains('num') ? 'num ' : ''}${look}`.trim();
  const shown = document.createElement('span');
  shown.textContent = text;
  cell.replaceChildren(shown, ...more.map((line) => { const small = document.createElement('small'); small.textContent = line; return small; }));
}

const cellOf = (cell) => [
  cell.querySelector('span').textContent, cell.dataset.v, cell.className.replace(/\bnum\b/, '').trim(),
  [...cell.querySelectorAll('small')].map((small) => small.textContent),
];

function wayOf(row, at) {
  const item = make('li');
  item.dataset.way = at;
  const rank = make('button', 'rank', row.rank, item);
  rank.type = 'button';
  rank.setAttribute('aria-pressed', 'false');
  rank.setAttribute('aria-label', row.name);
  const steps = make('ol', 'steps', undefined, item);
  for (const step of row.steps) make('li', '', step.label, steps).dataset.channel = step.channel;
  if (row.rest) make('li', 'rest', `+ ${row.rest}`, steps);
  const share = make('p', 'share', undefined, item);
  make('i', '', undefined, make('span', 'bar', undefined, share)).style.width = `${Number(row.width)}%`;
  make('b', '', row.share, share);
  share.append(' ');
  make('small', '', row.span, share);
  const figures = make('p', 'figures', undefined, item);
  make('span', '', row.journeys, figures);
  figures.append(' ');
  make('span', '', row.duration, figures);
  return item;
}

/** The bar, once the slices are unpacked; without them, or in a browser that cannot unpack, there is none. */
export async function filters({ data, model, ways, drawPicture }) {
  const slices = data.slices;
  if (!slices || typeof DecompressionStream === 'undefined') return;
  const folded = await unpack(slices.packed);
  const { text, why } = slices;
  const at = new Map(slices.listed.map(([channel, persona, place]) => [`${channel}\u001f${persona}`, place]));
  const placeOf = (channel, persona) => (channel || persona ? at.get(`${channel}\u001f${persona}`) : -1);

  const bar = make('div', 'slices');
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', text.bar);
  const choice = (id, label, any, options) => {
    if (!options.length) return null;
    const box = make('label', '', undefined, bar);
    make('span', '', label, box);
    const select = make('select', '', undefined, box);
    select.id = id;
    make('option', '', any, select).value = '';
    for (const [value, name] of options) Object.assign(make('option', '', name, select), { value });
    return select;
  };
  const channel = choice('cx-channel', text.channel, text.any_channel, slices.channels);
  const persona = choice('cx-persona', text.persona, text.any_persona, slices.personas);
  const reset = make('button', 'reset', text.reset, bar);
  reset.type = 'button';
  const said = make('p', 'now', text.all, bar);
  said.setAttribute('role', 'status');
  document.getElementById('main').prepend(bar);
  document.body.classList.add('has-slices');

  // what stands there of all journeys, to be put back
  const sections = ['journey', 'emotion', 'touchpoints', 'ways'].map((id) => document.getElementById(id)).filter(Boolean);
  const chains = new Map(sections.map((s) => [s, s.querySelector(':scope > .chain')]).filter(([, p]) => p).map(([s, p]) => [s, [p, p.textContent]]));
  const sizes = document.querySelector('.sizes'), whole = { sizes: [...sizes.children], map: data.map };
  const table = document.getElementById('cx-table');
  const rows = table ? [...table.tBodies[0].rows] : [];
  const moving = slices.columns.flatMap((how, k) => (how === 'move' ? [k] : []));
  const cells = new Map(rows.map((row) => [row, moving.map((k) => cellOf(row.cells[k]))]));
  const figure = data.figures.emotion && document.querySelector('#emotion [data-figure="emotion"]');
  const feeling = figure && { figure: data.figures.emotion, least: figure.dataset.least };
  const lead = document.querySelector('#ways > .lead'), allWays = lead && lead.textContent;

  const note = (where, before) => {
    const p = make('p', 'say sliced');
    p.hidden = true;
    if (before) before.before(p); else if (where) where.prepend(p);
    return p;
  };
  const scoped = slices.scoped.flatMap((id) => {
    const section = document.getElementById(id), head = section && section.querySelector(':scope > h2');
    if (!section) return [];
    const p = note(section);
    p.textContent = text.scope;
    if (head) head.after(p);
    return [p];
  });
  const more = document.querySelector('#emotion > h3');
  if (more) {
    const p = note(null, more);
    p.textContent = text.scope;
    scoped.push(p);
  }
  const left = ['#journey > #cx-map', '#touchpoints > .scroller'].map((q) => document.querySelector(q)).filter(Boolean).map((box) => note(null, box));
  const unfelt = figure && note(null, figure.closest('.scroller'));

  function showTable(cut) {
    if (!table) return;
    for (const th of table.tHead.rows[0].cells) th.removeAttribute('aria-sort');
    table.tBodies[0].append(...rows);
    slices.columns.forEach((how, k) => {
      if (how === 'go') for (const row of table.rows) row.cells[k].hidden = Boolean(cut);
    });
    for (const row of rows) {
      const own = cut ? cut.table[row.dataset.id] : cells.get(row);
      row.hidden = !own;
      if (own) moving.forEach((k, i) => setCell(row.cells[k], own[i]));
    }
  }

  function showFeeling(cut) {
    if (!figure) return;
    const now = cut ? cut.emotion : feeling.figure, box = figure.closest('.scroller');
    box.hidden = !now;
    unfelt.hidden = Boolean(now);
    unfelt.textContent = cut ? cut.felt : '';
    if (!now) return;
    data.figures.emotion = cut ? { data: now.data, layout: now.layout } : now;
    figure.dataset.least = cut ? now.least : feeling.least;
    drawPicture(figure);
  }

  function showMap(cut) {
    const map = document.getElementById('cx-map'), before = model.get('spec');
    if (!map || !whole.map) return;
    const spec = cut ? cut.map && specOf(cut.map) : whole.map;
    map.hidden = !spec;
    if (!spec) return;
    // who has not moved the slider sees each map as far as the eye can follow it
    const own = before && model.get('flow') === before.flow;
    model.set('spec', spec);
    if (own) model.set('flow', spec.flow);
  }

  function show(cut) {
    model.set('way', null);
    said.textContent = cut ? cut.short : text.all;
    for (const [section, [p, first]] of chains) { p.textContent = cut ? cut.chain : first; section.classList.toggle('cut', Boolean(cut)); }
    sizes.replaceChildren(...(cut ? cut.sizes.map(([value, name]) => {
      const item = make('li');
      make('b', '', value, item);
      item.append(' ');
      make('span', '', name, item);
      return item;
    }) : whole.sizes), ...(cut ? [make('li', 'now', cut.short)] : []));
    for (const p of scoped) p.hidden = !cut;
    for (const part of document.querySelectorAll('[data-whole]')) part.hidden = Boolean(cut);
    left.forEach((p, i) => {
      p.textContent = cut ? [cut.left, i ? text.columns : ''].filter(Boolean).join(' ') : '';
      p.hidden = !p.textContent;
    });
    showMap(cut);
    showFeeling(cut);
    showTable(cut);
    if (ways) {
      lead.textContent = cut ? cut.ways_lead : allWays;
      ways.put(cut && {
        items: cut.ways.map(wayOf), all: cut.journeys,
        rows: cut.ways.map((row) => ({ ids: row.ids, n: row.n, duration: row.duration_s, score: null })),
      });
    }
    // another selection shows its figures only
    const id = model.get('selected');
    if (id) { model.set('selected', null); model.set('selected', id); }
  }

  /** What can be chosen beside what is chosen; what cannot says why. */
  function offer() {
    const own = [channel?.value ?? '', persona?.value ?? ''];
    for (const [select, key] of [[channel, (v) => placeOf(v, own[1])], [persona, (v) => placeOf(own[0], v)]]) {
      if (!select) continue;
      const names = new Map(select === channel ? slices.channels : slices.personas);
      for (const option of [...select.options].slice(1)) {
        const place = key(option.value);
        option.disabled = typeof place !== 'number';
        option.textContent = option.disabled ? `${names.get(option.value)} (${why[place]})` : names.get(option.value);
      }
    }
    for (const select of [channel, persona]) select?.toggleAttribute('data-any', !select.value);
    reset.disabled = !own[0] && !own[1];
    bar.classList.toggle('on', !reset.disabled);
  }

  function choose() {
    const place = placeOf(channel?.value ?? '', persona?.value ?? '');
    show(place >= 0 ? unfold(folded, place) : null);
    offer();
  }
  for (const select of [channel, persona]) select?.addEventListener('change', choose);
  reset.addEventListener('click', () => {
    for (const select of [channel, persona]) if (select) select.value = '';
    choose();
    (channel || persona).focus();
  });
  offer();
}
