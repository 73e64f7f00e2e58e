// The ways: choose one and it is lit on the map and in the table; sort, show more, only those through a touchpoint.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');

/** Wilson's 95% interval of a share, as the figures beside it have it. */
export function wilson(part, whole) {
  const z = 1.959963984540054, p = part / whole, d = 1 + (z * z) / whole;
  const middle = (p + (z * z) / (2 * whole)) / d, half = (z / d) * Math.sqrt((p * (1 - p)) / whole + (z * z) / (4 * whole * whole));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

export function ways({ model, data, labels }) {
  const list = document.getElementById('cx-ways'), tools = document.getElementById('cx-waytools');
  if (!list || !data) return null;
  const every = [...list.children].map((el) => ({ el, ...data.rows[Number(el.dataset.way)], at: Number(el.dataset.way) }));
  for (const item of every) item.ids = item.steps.map((k) => data.ids[k]);
  let items = every, total = data.all;
  const through = tools.querySelector('.through'), cover = tools.querySelector('.cover');
  const more = document.querySelector('#ways .more'), moreButton = more.querySelector('button');
  const language = document.documentElement.lang;
  const whole = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  let sort = 'n', only = false, all = false, chosen = null;

  const fits = () => {
    const id = model.get('selected');
    return only && id ? items.filter((item) => item.ids.includes(id)) : items;
  };

  function show() {
    const id = model.get('selected');
    through.disabled = !id && !only;
    through.textContent = id ? fill(data.text.ways_through, { label: labels[id] ?? id }) : data.text.ways_any;
    through.setAttribute('aria-pressed', String(only));
    // what has no figure stands below
    const order = (a, b) => (b[sort] ?? -1) - (a[sort] ?? -1) || a.at - b.at;
    const left = [...fits()].sort(order);
    const shown = all ? left : left.slice(0, data.first);
    list.append(...left.map((item) => item.el));
    for (const item of items) {
      item.el.hidden = !shown.includes(item);
      item.el.classList.toggle('beyond', left.indexOf(item) >= data.first);
    }
    const n = shown.reduce((sum, item) => sum + item.n, 0), [low, high] = wilson(n, total);
    cover.textContent = !shown.length ? data.text.cover_none : fill(shown.length === 1 ? data.text.cover_one : data.text.cover, {
      ways: whole.format(shown.length), share: percent.format(n / total), low: percent.format(low), high: percent.format(high),
      all: whole.format(total), n: whole.format(n),
    });
    more.hidden = left.length <= data.first;
    moreButton.textContent = all ? fill(data.text.ways_less, { n: data.first }) : fill(data.text.ways_more, { n: whole.format(left.length - data.first) });
    moreButton.setAttribute('aria-expanded', String(all));
  }

  const said = document.createElement('p');
  said.className = 'said';
  const words = document.createElement('span'), link = document.createElement('a');
  words.setAttribute('role', 'status');
  link.href = '#journey';
  link.textContent = data.text.way_see;
  said.append(words, ' ', link);
  said.hidden = true;
  cover.after(said);

  function choose(item) {
    chosen = chosen === item ? null : item;
    for (const other of items) {
      other.el.classList.toggle('chosen', other === chosen);
      other.el.querySelector('.rank').setAttribute('aria-pressed', String(other === chosen));
    }
    said.hidden = !chosen;
    words.textContent = chosen ? fill(data.text.way_chosen, { rank: chosen.at + 1 }) : '';
    model.set('way', chosen ? chosen.ids : null);
  }
  const listen = (item) => item.el.querySelector('.rank').addEventListener('click', () => choose(item));
  every.forEach(listen);
  list.addEventListener('keydown', (event) => { if (event.key === 'Escape' && chosen) choose(chosen); });
  for (const button of tools.querySelectorAll('[data-sort]')) {
    button.addEventListener('click', () => {
      sort = button.dataset.sort;
      for (const other of tools.querySelectorAll('[data-sort]')) other.setAttribute('aria-pressed', String(other === button));
      show();
    });
  }
  through.addEventListener('click', () => { only = !only; show(); });
  moreButton.addEventListener('click', () => { all = !all; show(); });
  model.on('change:selected', show);
  // somebody else let go of it: the map, on Escape
  model.on('change:way', () => { if (!model.get('way') && chosen) choose(chosen); });
  tools.hidden = false;
  show();

  return {
    /** Put other ways in the place of these: those of some of the journeys; without any, all are back. */
    put(other) {
      if (chosen) choose(chosen);
      items = other ? other.items.map((el, at) => ({ el, ...other.rows[at], at })) : every;
      total = other ? other.all : data.all;
      if (other) items.forEach(listen);
      list.replaceChildren();
      show();
    },
  };
}
