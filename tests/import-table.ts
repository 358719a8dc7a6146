/** Which package may import which: the architecture as a table. ARCHITECTURE.md shows it too. */
export const importTable: Record<string, readonly string[]> = {
  model: [],
  wire: ['model'],
  journal: ['model'],
  pipeline: ['model', 'wire', 'journal'],
  components: ['model', 'wire', 'pipeline'],
  store: ['model', 'wire', 'pipeline'],
  query: ['model', 'wire', 'store'],
  throughline: ['model', 'wire', 'journal', 'pipeline', 'components', 'store', 'query', 'node'],
  ui: ['model'],
  node: [],
};
