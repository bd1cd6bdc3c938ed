/** Run by copies.ts: each socket that is handed over goes back, as a copy. It ends when it is parted from. */
process.on('message', (message, handle) => process.send(message, handle, () => handle.close()));
setTimeout(() => process.exit(), 6_000).unref();
