import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes one JSON value. A list gets a line for each row, written as it is read, so its length costs no memory. */
export async function print(answer: unknown, out: NodeJS.WritableStream): Promise<void> {
  const text = isList(answer) ? listText(answer) : [`${JSON.stringify(answer, null, 2)}\n`];
  await write(out, text);
}

export const write = (out: NodeJS.WritableStream, text: Iterable<string> | AsyncIterable<string>): Promise<void> =>
  pipeline(Readable.from(text), out, { end: false });

type List = Iterable<unknown> | AsyncIterable<unknown>;

const isList = (answer: unknown): answer is List =>
  typeof answer === 'object' && answer !== null && (Symbol.iterator in answer || Symbol.asyncIterator in answer);

async function* listText(rows: List): AsyncGenerator<string> {
  let start = '[';
  for await (const row of rows) {
    yield `${start}\n  ${JSON.stringify(row)}`;
    start = ',';
  }
  yield start === '[' ? '[]\n' : '\n]\n';
}
