export { exporterContract, type ExporterKit } from './exporter-contract.ts';
export { extensionContract, type ExtensionKit } from './extension-contract.ts';
export { processorContract, type ProcessorKit } from './processor-contract.ts';
export { receiverContract, type Answer, type ReceiverKit } from './receiver-contract.ts';
