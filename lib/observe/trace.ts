import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { spanNow, within } from './doing';

/**
 * Traces, if an operator collects them (OTEL_EXPORTER_OTLP_ENDPOINT). Otherwise nothing is loaded, and a span costs one
 * comparison. Spans contain route patterns, statements without parameters, and ids, never an address or a token. The
 * framework's own spans are not used: they would contain the requested address.
 */
type Tracing = {
  tracer: Tracer;
  /** The context below this span, or below the one that a proxy sent. */
  under: (span: Span | undefined, traceparent?: string) => Context;
  ERROR: number;
};
const shared = globalThis as typeof globalThis & { rollcallTracing?: Tracing };

/** The exporter reads the standard's other variables itself, such as OTEL_EXPORTER_OTLP_HEADERS. Returns a stop function. */
export async function startTracing(): Promise<() => Promise<void>> {
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return async () => {};
  const { ROOT_CONTEXT, SpanStatusCode, trace } = await import('@opentelemetry/api');
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME || 'rollcall' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  shared.rollcallTracing = {
    tracer: provider.getTracer('rollcall'),
    ERROR: SpanStatusCode.ERROR,
    under: (span, traceparent) => {
      if (span) return trace.setSpan(ROOT_CONTEXT, span);
      const remote = traceparent && remoteOf(traceparent);
      return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
    },
  };
  return async () => {
    delete shared.rollcallTracing;
    await provider.shutdown();
  };
}

/** W3C Trace Context, level 1: version, trace, parent, flags. */
const remoteOf = (traceparent: string) => {
  const [, traceId, spanId, flags] =
    /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  return traceId && spanId ? { traceId, spanId, traceFlags: Number.parseInt(flags ?? '', 16), isRemote: true } : null;
};

/** Undefined if traces are not collected. The caller must end the span. */
export function startSpan(name: string, attributes: Attributes, traceparent?: string): Span | undefined {
  const tracing = shared.rollcallTracing;
  return tracing?.tracer.startSpan(name, { attributes }, tracing.under(spanNow(), traceparent));
}

/** Runs `work` in a span that covers it from start to end. */
export async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const span = startSpan(name, attributes);
  if (!span) return work();
  try {
    // Awaited inside: a query starts only when it is awaited.
    return await within(span, async () => await work());
  } catch (error) {
    // Only the error's name: its message may contain input. The log has more.
    span.setStatus({
      code: shared.rollcallTracing?.ERROR ?? 2,
      message: error instanceof Error ? error.name : 'thrown',
    });
    throw error;
  } finally {
    span.end();
  }
}
