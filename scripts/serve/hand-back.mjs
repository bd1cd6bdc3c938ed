/** Run by copies.ts: each socket that is handed over goes back, as a copy; once it is parted from, it ends. */
process.on('message', (message, server) => process.send(message, server, () => server.close()));
