export {
  EngineError,
  EngineUnavailable,
  type Engine,
  type EngineState,
  type NativeBlock,
} from './engine/engine.ts';
export { isStoreExporter, throughlineExporter, type StoreExporter } from './exporter.ts';
export * from './read/index.ts';
