// A notebook that was exported to one page: its maps and figures draw and follow each other without a kernel.
import widget from './journeymap.js';
import { Model } from './model.js';

const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
const models = [];
const stateOf = (el) => JSON.parse(el.querySelector('script[type="application/json"]').textContent);

/** Choose a touchpoint everywhere, or nothing where it was chosen already. */
function choose(id) {
  const chosen = models.some((m) => m.get('selected') === id) ? null : id;
  for (const model of models) model.set('selected', chosen);
}

for (const el of document.querySelectorAll('.cx-live-map')) {
  const spec = stateOf(el);
  const model = new Model({ spec, selected: null, flow: spec.flow });
  const at = document.createElement('div');
  el.replaceChildren(at);
  widget.render({ model, el: at });
  models.push(model);
  // what is chosen on one map is chosen on the others
  model.on('change:selected', () => models.forEach((other) => other.set('selected', model.get('selected'))));
}

for (const el of document.querySelectorAll('.cx-live-figure')) {
  const { data, layout } = stateOf(el);
  const at = document.createElement('div');
  el.replaceChildren(at);
  window.Plotly.newPlot(at, data, layout, config).then(() => at.on('plotly_click', (event) => {
    const id = event.points[0].customdata;
    const name = Array.isArray(id) ? id[0] : id;
    if (typeof name === 'string') choose(name);
  }));
}
