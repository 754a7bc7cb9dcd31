// Writes a script's entry of provenance.json.
import fs from 'node:fs';

export function provenance(script, what, packages) {
  const entries = fs.existsSync('provenance.json') ? JSON.parse(fs.readFileSync('provenance.json', 'utf8')) : {};
  const command = `npm install --no-save --no-package-lock ${packages.join(' ')} && node ${script}`;
  entries[script] = { what, made_with: packages, node: process.version, command };
  fs.writeFileSync('provenance.json', JSON.stringify(entries, null, 2) + '\n');
}
