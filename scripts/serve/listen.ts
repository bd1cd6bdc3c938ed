import { once } from 'node:events';
import type { Server } from 'node:http';
import { Refusal } from './refusal';

type Port = { number: number; host: string | undefined; variable: 'PORT' | 'HEALTH_PORT' };

/** Resolves when the port is ours. @throws Refusal with a message that names the variable */
export async function listen(server: Server, { number, host, variable }: Port): Promise<void> {
  server.listen({ port: number, host });
  await once(server, 'listening').catch(({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EADDRINUSE') throw new Refusal(`Port ${number} is taken. Set ${variable} to another one.`);
    if (code === 'EACCES')
      throw new Refusal(`This user may not listen on port ${number}. Set ${variable} to one above 1023.`);
    throw new Refusal(`The server cannot listen there: ${message}. Check HOST and ${variable}.`);
  });
}
