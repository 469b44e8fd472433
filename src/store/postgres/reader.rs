//! The reading half: each call becomes one job of a reader's thread.
//! Never asks the writer's connection.

use std::sync::Arc;

use diesel::connection::SimpleConnection;

use super::fault::store_error;
use super::{
    PostgresStore, audit, claim, destinations, events, functions, keys, lanes, read_deliveries, read_executions, read_records,
    resume, schedules, statistics,
};
use crate::domain::access_key::AccessKey;
use crate::domain::audit::Audited;
use crate::domain::delivery::DeliveryView;
use crate::domain::execution::Execution;
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, ExecutionId, ScheduleId};
use crate::domain::lane::OwedLane;
use crate::domain::record::{RecordQuery, Row};
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::statistics::FunctionStatistics;
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;
use crate::store::read::{DeliveryQuery, Deployed, DueSchedules, ExecutionQuery, KeptEvent, Read, Stopped, VersionRow};
use crate::store::write::{Deployment, StepRecord};

impl Read for PostgresStore {
    fn executions<'a>(&'a self, ids: &'a [ExecutionId]) -> Stored<'a, Vec<Option<Execution>>> {
        let ids = ids.to_vec();
        self.readers.run(move |conn| read_executions::by_ids(conn, &ids).map_err(store_error))
    }

    fn list_executions<'a>(&'a self, query: &'a ExecutionQuery) -> Stored<'a, Vec<Execution>> {
        let query = query.clone();
        self.readers.run(move |conn| read_executions::list(conn, &query).map_err(store_error))
    }

    fn steps(&self, id: ExecutionId) -> Stored<'_, Vec<StepRecord>> {
        self.readers.run(move |conn| read_executions::steps(conn, id).map_err(store_error))
    }

    fn steps_after(&self, id: ExecutionId, after: i64, limit: i64) -> Stored<'_, Vec<(i64, StepRecord)>> {
        self.readers.run(move |conn| read_executions::steps_after(conn, id, after, limit).map_err(store_error))
    }

    fn deliveries(&self, id: ExecutionId) -> Stored<'_, Vec<DeliveryView>> {
        self.readers.run(move |conn| read_deliveries::of_execution(conn, id).map_err(store_error))
    }

    fn delivery(&self, id: DeliveryId) -> Stored<'_, Option<DeliveryView>> {
        self.readers.run(move |conn| read_deliveries::by_id(conn, id).map_err(store_error))
    }

    fn list_deliveries<'a>(&'a self, query: &'a DeliveryQuery) -> Stored<'a, Vec<DeliveryView>> {
        let query = query.clone();
        self.readers.run(move |conn| read_deliveries::list(conn, &query).map_err(store_error))
    }

    fn count_deliveries<'a>(&'a self, query: &'a DeliveryQuery) -> Stored<'a, i64> {
        let query = query.clone();
        self.readers.run(move |conn| read_deliveries::count(conn, &query).map_err(store_error))
    }

    fn owed_lanes(&self) -> Stored<'_, Vec<OwedLane>> {
        self.readers.run(|conn| lanes::owed(conn).map_err(store_error))
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Stored<'a, Vec<Row>> {
        let query = query.clone();
        self.readers.run(move |conn| read_records::select(conn, &query))
    }

    fn count_records<'a>(&'a self, query: &'a RecordQuery) -> Stored<'a, i64> {
        let query = query.clone();
        self.readers.run(move |conn| read_records::count(conn, &query))
    }

    fn stopped(&self, id: ExecutionId) -> Stored<'_, Option<Stopped>> {
        self.readers.run(move |conn| resume::stopped(conn, id).map_err(store_error))
    }

    fn event<'a>(&'a self, id: ExecutionId, name: &'a str) -> Stored<'a, Option<KeptEvent>> {
        let name = name.to_owned();
        self.readers.run(move |conn| events::kept(conn, id, &name).map_err(store_error))
    }

    fn functions(&self) -> Stored<'_, Vec<Deployment>> {
        self.readers.run(move |conn| functions::current(conn).map_err(store_error))
    }

    fn deployed(&self) -> Stored<'_, Vec<Deployed>> {
        self.readers.run(|conn| functions::deployed(conn).map_err(store_error))
    }

    fn versions<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Vec<VersionRow>> {
        let name = name.clone();
        self.readers.run(move |conn| functions::versions(conn, &name).map_err(store_error))
    }

    fn statistics<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, FunctionStatistics> {
        let name = name.clone();
        self.readers.run(move |conn| statistics::of_function(conn, &name).map_err(store_error))
    }

    fn tables(&self) -> Stored<'_, Vec<String>> {
        self.readers.run(|conn| read_records::tables(conn).map_err(store_error))
    }

    fn function_version<'a>(&'a self, name: &'a FunctionName, version: &'a FunctionVersion) -> Stored<'a, Option<Arc<str>>> {
        let (name, version) = (name.clone(), version.clone());
        self.readers.run(move |conn| functions::version(conn, &name, &version).map_err(store_error))
    }

    fn typical_duration_ms<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Option<i64>> {
        let name = name.clone();
        self.readers.run(move |conn| read_executions::typical_duration_ms(conn, &name).map_err(store_error))
    }

    fn keys(&self) -> Stored<'_, Vec<AccessKey>> {
        self.readers.run(|conn| keys::all(conn).map_err(store_error))
    }

    fn audit(&self, before: Option<i64>, limit: i64) -> Stored<'_, Vec<Audited>> {
        self.readers.run(move |conn| audit::list(conn, before, limit).map_err(store_error))
    }

    fn queued(&self, now: Timestamp) -> Stored<'_, usize> {
        self.readers.run(move |conn| {
            let queued = claim::queued(conn, now).map_err(store_error)?;
            Ok(usize::try_from(queued).unwrap_or(0))
        })
    }

    fn schedules<'a>(&'a self, function: Option<&'a FunctionName>) -> Stored<'a, Vec<Schedule>> {
        let function = function.cloned();
        self.readers.run(move |conn| schedules::list(conn, function.as_ref()).map_err(store_error))
    }

    fn schedule(&self, id: ScheduleId) -> Stored<'_, Option<Schedule>> {
        self.readers.run(move |conn| schedules::one(conn, id).map_err(store_error))
    }

    fn due_schedules(&self, now: Timestamp, limit: usize) -> Stored<'_, DueSchedules> {
        self.readers.run(move |conn| schedules::due(conn, now, limit).map_err(store_error))
    }

    fn firings(&self, id: ScheduleId, limit: i64) -> Stored<'_, Vec<Firing>> {
        self.readers.run(move |conn| schedules::firings(conn, id, limit).map_err(store_error))
    }

    fn running_of_schedule(&self, id: ScheduleId) -> Stored<'_, Vec<ExecutionId>> {
        self.readers.run(move |conn| schedules::running(conn, id).map_err(store_error))
    }

    fn destinations(&self) -> Stored<'_, (i64, Vec<Registration>)> {
        self.readers.run(|conn| destinations::all(conn).map_err(store_error))
    }

    fn setting(&self, name: &'static str) -> Stored<'_, Option<String>> {
        self.readers.run(move |conn| functions::stored_setting(conn, name).map_err(store_error))
    }

    fn ping(&self) -> Stored<'_, ()> {
        self.readers.run(|conn| conn.batch_execute("SELECT count(*) FROM nodes").map_err(store_error))
    }
}
