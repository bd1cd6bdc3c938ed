/** In days. */
export const LIFETIMES = ['30', '90', '365', 'never'] as const;
