/** What a Slurm needs beside itself to keep what its jobs became: slurmdbd, over a MariaDB of its own. */
export interface SlurmAccounting {
  /** Lines of slurm.conf. */
  readonly settings: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** Shell that makes the database and knows how to run both; to stand before the daemons are started. */
  readonly begin: string;
  /** Shell that starts both and waits until Slurm may begin. */
  readonly run: string;
}

/** Accounting on this port; `state` is Slurm's directory, where its `jwt.key` lies too, and `host` its machine. */
export function slurmAccounting(port: number, state: string, host: string): SlurmAccounting {
  const database = `${state}/database`;
  return {
    settings: {
      AccountingStorageType: 'accounting_storage/slurmdbd',
      AccountingStorageHost: host,
      AccountingStoragePort: String(port),
      AccountingStoreFlags: 'job_comment',
    },
    files: {
      '/etc/slurm/slurmdbd.conf': [
        `DbdHost=${host}`,
        'DbdAddr=127.0.0.1',
        `DbdPort=${port}`,
        'SlurmUser=slurm',
        'AuthType=auth/munge',
        'AuthAltTypes=auth/jwt',
        `AuthAltParameters=jwt_key=${state}/jwt.key`,
        `PidFile=${state}/slurmdbd.pid`,
        'StorageType=accounting_storage/mysql',
        // By its socket: the account in there is the account out here, and no password lies anywhere.
        'StorageHost=localhost',
        'StorageUser=slurm',
        'StorageLoc=slurm_acct_db',
        '',
      ].join('\n'),
    },
    begin: `
    getent passwd mysql >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin mysql
    install -d -o mysql -g mysql ${database} /run/mysqld
    chown slurm: /etc/slurm/slurmdbd.conf
    chmod 600 /etc/slurm/slurmdbd.conf
    [ -d ${database}/mysql ] ||
      mariadb-install-db --no-defaults --user=mysql --datadir=${database} --auth-root-authentication-method=socket >/dev/null
    mariadbd() {
      as mysql /usr/sbin/mariadbd --no-defaults --datadir=${database} --socket=/run/mysqld/mysqld.sock --skip-networking \\
        --innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=0 --innodb-lock-wait-timeout=900
    }
    slurmdbd() { as slurm /usr/sbin/slurmdbd -D; }`,
    run: `
    keep mariadbd &
    until mariadb --no-defaults --socket=/run/mysqld/mysqld.sock -e 'select 1' >/dev/null 2>&1; do sleep 0.1; done
    mariadb --no-defaults --socket=/run/mysqld/mysqld.sock -e "
      create user if not exists slurm@localhost identified via unix_socket;
      grant all on slurm_acct_db.* to slurm@localhost"
    keep slurmdbd &
    until sacctmgr --immediate add cluster lab >/dev/null 2>&1 || sacctmgr --noheader show cluster 2>/dev/null | grep -q lab; do sleep 0.1; done`,
  };
}
