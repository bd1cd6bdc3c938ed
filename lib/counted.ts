/** "1 session", "2,000 sessions"; `one` and `many` may be whole phrases: "1 session ends", "2 sessions end". */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
