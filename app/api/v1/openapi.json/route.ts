import { openApi } from '@/lib/api/openapi';

export const dynamic = 'force-dynamic';

/** Public: it says what can be asked, and nothing of anybody. */
export const GET = () => Response.json(openApi());
