import { shell } from './admin/shell';

// Nobody reads it any more.
process.stderr.on('error', () => {});
process.exitCode = await shell(process.argv.slice(2), process);
