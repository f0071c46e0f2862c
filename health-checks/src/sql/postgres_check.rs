//! The check of a PostgreSQL server as a type for each kind of pool.

/// Gives a check, which has a `pool` of this type and a `server`, all but its documentation.
macro_rules! postgres_check {
    ($check:ident, $pool:ty) => {
        impl $check {
            /// Makes a check over the application's pool.
            pub fn new(pool: $pool) -> Self {
                Self {
                    pool,
                    server: $crate::sql::PostgresServer::default(),
                }
            }

            /// Asks a query of your own too, which has to return exactly one value: one row, one
            /// column, not NULL. The value shows as the detail `result`.
            #[must_use]
            pub fn query(mut self, query: impl Into<String>) -> Self {
                self.server.query = Some(query.into());
                self
            }

            /// When the pool gives no connection in time, opens one beside it with the same
            /// settings, and closes it: that tells a full pool from a server that is gone, and why
            /// it is.
            ///
            /// By default no connection is opened beside the pool.
            #[must_use]
            pub fn direct_connection(mut self) -> Self {
                self.server.direct_connection = true;
                self
            }

            /// Requires a server that is no standby; by default both will do.
            #[must_use]
            pub fn require_primary(mut self) -> Self {
                self.server.wanted.primary = true;
                self
            }

            /// Limits how far a standby may lag behind, inclusive; by default there is no limit.
            ///
            /// One that has replayed all that it received, and still receives, does not lag; for
            /// others the age of the last replayed transaction counts. A standby that cannot tell
            /// is over the limit.
            #[must_use]
            pub fn max_replica_lag(mut self, lag: std::time::Duration) -> Self {
                self.server.wanted.max_lag = Some(lag);
                self
            }

            /// Sets the status of a standby where a primary is required, or that lags too far
            /// behind; default [`REPLICA_STATUS`](crate::REPLICA_STATUS).
            #[must_use]
            pub fn replica_status(mut self, status: health_core::Status) -> Self {
                self.server.wanted.otherwise = status;
                self
            }
        }

        #[health_core::async_trait]
        impl health_core::Check for $check {
            async fn check(&self) -> health_core::CheckResult {
                Ok(self.server.check(&self.pool).await)
            }

            fn scope(&self) -> health_core::Scope {
                health_core::Scope::External
            }
        }

        /// Shows what is asked, not the pool: its settings hold the password.
        impl std::fmt::Debug for $check {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($check))
                    .field(&self.server)
                    .finish()
            }
        }
    };
}

pub(crate) use postgres_check;
