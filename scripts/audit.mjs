import { spawnSync } from 'node:child_process';

/**
 * `npm run audit`: known vulnerabilities of the packages that the product runs on, from the registry. Fails from “high” on,
 * and if the registry has no such service: an audit that did not happen has not passed.
 */
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  maxBuffer: 1 << 26,
  shell: process.platform === 'win32',
});
const answer = JSON.parse(stdout || '{}');
if (!answer.metadata) {
  console.error(`The registry could not be asked: ${answer.error?.summary || answer.message || 'it has no answer'}.`);
  process.exit(2);
}
const found = Object.values(answer.vulnerabilities);
for (const { name, severity, via } of found)
  console.log(`${severity.padEnd(9)} ${name}: ${via.map((each) => each.title ?? each).join(', ')}`);
console.log(`${found.length} known, in ${answer.metadata.dependencies.prod} packages.`);
process.exitCode = found.some(({ severity }) => ['high', 'critical'].includes(severity)) ? 1 : 0;
