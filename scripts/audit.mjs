import { spawnSync } from 'node:child_process';

/**
 * `npm run audit`: what is known against the packages that the product runs on, as the registry has it. Fails from “high” on,
 * and where the registry has no such service: not asked is not good.
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
