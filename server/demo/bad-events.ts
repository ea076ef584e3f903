import type { DemoTable } from "./traffic";

/** Typical invalid events, which become dead letters in the demo. */
export const BAD_EVENTS: Readonly<Record<DemoTable, readonly string[]>> = {
  access_logs: [
    '{"ip_address": "113.65.12.8", "request_path": "/api/v1/cases", "status_code": "abc"}',
    '{"ip_address": "113.65.12.9", "request_path": "/api/v1/cases/20417", "status_code": "timeout"}',
    '{"ip_address": "unknown", "request_path": "/api/v1/payments", "request_method": "POST"}',
    '{"ip_address": "10.0.0.300", "request_path": "/login"}',
    '{"request_path": "/api/v1/lawyers", "user_agent": "健康检查"}',
    '{"ip_address": "101.80.4.77", "request_path": "/api/v1/messages", "response_time": -15}',
    '{"ip_address": "101.80.4.78", "request_path": "/", "created_at": "0000-00-00 00:00:00"}',
    '{"ip_address": "60.176.9.31", "request_path": "/api/v1/cases", "request_method": "GET',
    '["113.65.12.8", "GET", "/api/v1/cases", 200]',
  ],
  user_activities: [
    '{"user_id": "b3c1f3d8-0d2c-4b2e-9a74-5f0d6a3f2a11", "resource_type": "case", "details": {"案由": "买卖合同纠纷"}}',
    '{"action": "payment_success", "resource_type": "payment", "details": {"金额": 1280.5, "渠道": "微信支付"}}',
    '{"user_id": "9f86d081-884c-4d65-9a2f-eaa0c55ad015", "action": "case_update", "created_at": "昨天下午"}',
    "用户退出登录",
  ],
};
