// What a figure says, for whoever cannot point at it: its table chooses a touchpoint too, and words say what was chosen.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');

export function figures({ model, picked, labels, text }) {
  const rows = [...document.querySelectorAll('.twin tr[data-touchpoint]')];
  for (const row of rows) {
    row.querySelector('button').addEventListener('click', () => {
      model.set('selected', model.get('selected') === row.dataset.touchpoint ? null : row.dataset.touchpoint);
    });
  }
  const places = [...document.querySelectorAll('[data-picked]')];
  const show = () => {
    const id = model.get('selected');
    for (const row of rows) {
      row.classList.toggle('chosen', row.dataset.touchpoint === id);
      row.querySelector('button').setAttribute('aria-pressed', String(row.dataset.touchpoint === id));
    }
    for (const place of places) {
      const known = picked[place.dataset.picked] || {};
      place.textContent = !id ? text.picked_how : known[id] ?? fill(text.picked_none, { label: labels[id] ?? id });
      place.classList.toggle('chosen', Boolean(id));
      place.hidden = false;
    }
  };
  model.on('change:selected', show);
  show();
}
