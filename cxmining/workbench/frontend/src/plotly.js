// Plotly with the traces that cxmining's figures use, and no others: its own bundles have either too few or all of them.
import Plotly from 'plotly.js/lib/core.js';
import bar from 'plotly.js/lib/bar.js';
import heatmap from 'plotly.js/lib/heatmap.js';
import sankey from 'plotly.js/lib/sankey.js';

Plotly.register([bar, heatmap, sankey]); // scatter is always in it
window.Plotly = Plotly;
