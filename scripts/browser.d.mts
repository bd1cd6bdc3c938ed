export function chromiumPath(): string | undefined;
export function ensureBrowser(): Promise<number>;
