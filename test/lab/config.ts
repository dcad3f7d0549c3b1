/** Where the servers of a test run come from. */
export interface LabConfig {
  /** Address of a RabbitMQ of one's own with the management plugin, instead of a fresh one. */
  readonly amqpUrl: string | undefined;
  /** Base address of that RabbitMQ's management plugin; port 15672 of the same host unless told. */
  readonly managementUrl: string | undefined;
  /** Address of a PostgreSQL of one's own, instead of a fresh one. */
  readonly postgresUrl: string | undefined;
  /** Socket of a Docker engine of one's own, instead of a fresh one, which only root can start. */
  readonly dockerSocket: string | undefined;
  /** Where the run's servers are asked for; set by the run itself. */
  readonly labUrl: string | undefined;
}

/** The one place where the test run reads its environment; what is not given, it starts itself. */
export function labConfig(): LabConfig {
  return {
    amqpUrl: process.env['SLIPWAY_TEST_AMQP_URL'],
    managementUrl: process.env['SLIPWAY_TEST_AMQP_MANAGEMENT_URL'],
    postgresUrl: process.env['SLIPWAY_TEST_POSTGRES_URL'],
    dockerSocket: process.env['SLIPWAY_TEST_DOCKER_SOCKET'],
    labUrl: process.env['SLIPWAY_TEST_LAB_URL'],
  };
}

/** Jest's workers inherit this process's environment: the way by which they hear of the lab. */
export function announceLab(url: string): void {
  process.env['SLIPWAY_TEST_LAB_URL'] = url;
}
