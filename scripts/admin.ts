import { shell } from './admin/shell';

process.exitCode = await shell(process.argv.slice(2), process);
