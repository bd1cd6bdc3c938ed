export function run(command: string, args: string[], env?: Record<string, string>): Promise<number>;
export function runTool(path: string, ...args: string[]): Promise<number>;
export const SERVE: string[];
