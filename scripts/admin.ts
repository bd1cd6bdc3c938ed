import { shell } from './admin/shell';

// The reader of stderr is gone.
process.stderr.on('error', () => {});
process.exitCode = await shell(process.argv.slice(2), process);
