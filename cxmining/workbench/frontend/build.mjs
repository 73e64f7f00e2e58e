// Builds ../static from src and the packages pinned in package-lock.json; the built files are committed.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ? path.resolve(process.argv[2]) : path.join(here, '..', 'static');
const common = { bundle: true, minify: true, charset: 'utf8', target: 'es2022', legalComments: 'none', logLevel: 'warning', absWorkingDir: here };

// anywidget wants an ES module; the report is one file under a strict policy, so it gets a plain script.
await build({ ...common, entryPoints: ['src/journeymap.js'], format: 'esm', outfile: path.join(out, 'journeymap.js') });
await build({ ...common, entryPoints: ['src/report.js'], format: 'iife', outfile: path.join(out, 'report.js') });
await build({ ...common, minify: false, entryPoints: ['src/journeymap.css'], outfile: path.join(out, 'journeymap.css') });

const module_ = (name) => path.join(here, 'node_modules', name);
const plotly = readFileSync(path.join(module_('plotly.js-basic-dist-min'), 'plotly-basic.min.js'), 'utf8');
writeFileSync(path.join(out, 'plotly-basic.min.js'), plotly.trimEnd() + '\n');

const notices = ['@dagrejs/dagre', '@dagrejs/graphlib', 'plotly.js-basic-dist-min'].map((name) => {
  const { version, license } = JSON.parse(readFileSync(path.join(module_(name), 'package.json'), 'utf8'));
  const text = readFileSync(path.join(module_(name), 'LICENSE'), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
const head = 'The files in this folder are built by ../frontend/build.mjs and contain the following packages.\n';
writeFileSync(path.join(out, 'LICENSES.txt'), [head, ...notices].join('\n' + '-'.repeat(78) + '\n\n'));
