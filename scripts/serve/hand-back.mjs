/** Run by copies.ts: sends each socket back, which copies it. Exits when disconnected, or after six seconds. */
process.on('message', (message, handle) => process.send(message, handle, () => handle.close()));
setTimeout(() => process.exit(), 6_000).unref();
