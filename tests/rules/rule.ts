/** A rule of the product: with `take` replaced by `leave` in its file, its test must fail. */
export type Rule = { rule: string; file: string; take: string; leave: string; test: string };
