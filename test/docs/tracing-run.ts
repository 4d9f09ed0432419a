// A process of its own, as tracing must be set up before node:http is loaded. Prints the spans of a login.
import { createRequire } from 'node:module'
import { importBlock } from './blocks.js'

const { InMemorySpanExporter } = createRequire(import.meta.url)('@opentelemetry/sdk-trace-node')
const exporter = new InMemorySpanExporter()
const { trace } = (await importBlock('docs/observability.md', 1)) as {
  trace(exporter: object): { forceFlush(): Promise<void>; shutdown(): Promise<void> }
}
const provider = trace(exporter)
createRequire(import.meta.url)('node:http') // instruments it for every later import
const { openShop, logIn } = await import('../support/shop.js')
const shop = await openShop()
const { outcome } = await logIn(shop)
await provider.forceFlush()
const spans = exporter
  .getFinishedSpans()
  .map(({ name, attributes }: { name: string; attributes: object }) => ({
    name,
    attributes,
  }))
process.stdout.write(JSON.stringify({ verb: outcome.verb, spans }))
await shop.close()
await provider.shutdown()
process.exit(0)
