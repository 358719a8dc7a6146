/**
 * ClickHouse's server configuration for the embedded engine: one loopback port that answers only requests which carry
 * the key, no logs of its own on disk, caches sized for a program that shares the machine.
 * Keys: https://clickhouse.com/docs/operations/server-configuration-parameters/settings
 */
export function serverConfig(options: { port: number; key: string; maxMemoryBytes: number }): string {
  return `<clickhouse>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${options.port}</http_port>
  <http_handlers>
    <rule>
      <headers><X-Throughline-Key>${options.key}</X-Throughline-Key></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>
  <logger><level>none</level><console>0</console></logger>
  <max_server_memory_usage>${options.maxMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <primary_index_cache_size>67108864</primary_index_cache_size>
  <mmap_cache_size>0</mmap_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_merges_mutations_concurrency_ratio>1</background_merges_mutations_concurrency_ratio>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <max_concurrent_queries>64</max_concurrent_queries>
  <keep_alive_timeout>30</keep_alive_timeout>
  <async_load_databases>false</async_load_databases>
  <max_thread_pool_size>256</max_thread_pool_size>
</clickhouse>
`;
}
