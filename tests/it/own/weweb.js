// A browser's view of executions: starts, polls, cancels. Our own words for what the guide's class does.
class XanoAsyncManager {
  constructor(base, token) {
    Object.assign(this, { base, token, known: new Map() });
  }

  async call(path, body) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.base}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { ok: response.ok, answer: await response.json() };
  }

  async startAsyncOperation(endpoint, data, options = {}) {
    const { ok, answer } = await this.call(endpoint, { ...data, async: true });
    const id = answer.async_execution_id;
    if (!ok || !id) throw new Error(answer.message);
    this.known.set(id, { id, endpoint, status: 'running' });
    if (options.onComplete || options.onError) this.startPolling(id, options);
    return id;
  }

  async checkAsyncStatus(ids) {
    const { answer } = await this.call('async-await', { execution_ids: [ids].flat() });
    for (const { execution_id, status, output, error } of answer) {
      if (this.known.has(execution_id)) Object.assign(this.known.get(execution_id), { status, output, error });
    }
    return answer;
  }

  startPolling(id, { pollInterval = 5000, onComplete, onError }) {
    const look = async () => {
      const [entry] = await this.checkAsyncStatus(id);
      if (entry.status === 'completed') onComplete?.(entry.output);
      else if (entry.status === 'error') onError?.(entry.error);
      else setTimeout(look, pollInterval);
    };
    setTimeout(look, pollInterval);
  }

  async cancelAsyncOperation(id) {
    const { ok } = await this.call('async-cancel', { execution_id: id });
    if (ok) this.known.delete(id);
    return ok;
  }

  getOperationStatus(id) {
    return this.known.get(id);
  }

  getAllOperations() {
    return [...this.known.values()];
  }
}

const asyncManager = new XanoAsyncManager(wwLib.wwVariable.getValue('xano_base_url'), wwLib.wwVariable.getValue('auth_token'));

async function startReportGeneration() {
  const id = await asyncManager.startAsyncOperation(
    'generate-report',
    { user_id: wwLib.wwVariable.getValue('current_user_id'), report_type: 'monthly' },
    { onComplete: (report) => wwLib.wwVariable.updateValue('generated_report', report), pollInterval: 300 },
  );
  wwLib.wwVariable.updateValue('current_report_execution_id', id);
}

async function checkAllOperations() {
  const running = asyncManager.getAllOperations().filter(({ status }) => status === 'running');
  if (running.length > 0) await asyncManager.checkAsyncStatus(running.map(({ id }) => id));
}
