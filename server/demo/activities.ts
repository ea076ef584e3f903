import type { Visitor } from "./people";
import type { Random } from "./random";

export interface Activity {
  readonly action: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly details: Record<string, unknown>;
}

const CAUSES = [
  "劳动合同纠纷",
  "民间借贷纠纷",
  "房屋租赁合同纠纷",
  "买卖合同纠纷",
  "离婚纠纷",
  "交通事故责任纠纷",
] as const;
const DOCUMENTS = ["律师函", "起诉状", "答辩状", "委托合同", "调解协议书", "证据目录"] as const;
const CHANNELS = ["微信支付", "支付宝", "银行转账"] as const;
const COURTS = ["市中级人民法院", "市第一人民法院", "市劳动人事争议仲裁委员会"] as const;
const CLIENTS = ["网页端", "微信小程序", "安卓客户端", "苹果客户端"] as const;
const REASONS = ["余额不足", "银行卡限额", "用户取消支付", "支付超时"] as const;

interface Kind {
  readonly weight: number;
  readonly action: string;
  readonly resourceType: string;
  readonly details: (random: Random, visitor: Visitor) => Record<string, unknown>;
}

const yuan = (random: Random) => Math.round(random.logNormal(1_800, 0.9) * 100) / 100;

const caseNumber = (random: Random) => `LSK-2026-${String(random.whole(1, 99_999)).padStart(6, "0")}`;

const KINDS: readonly [Kind, ...Kind[]] = [
  {
    weight: 24,
    action: "login",
    resourceType: "session",
    details: (random, visitor) => ({
      登录方式: random.pick(["短信验证码", "密码", "微信扫码"]),
      客户端: random.pick(CLIENTS),
      城市: visitor.city,
    }),
  },
  { weight: 9, action: "logout", resourceType: "session", details: (random) => ({ 在线分钟: random.whole(1, 180) }) },
  {
    weight: 3,
    action: "login_failed",
    resourceType: "session",
    details: (random) => ({
      原因: random.pick(["密码错误", "验证码已过期", "账号已锁定"]),
      第几次: random.whole(1, 5),
    }),
  },
  {
    weight: 18,
    action: "case_view",
    resourceType: "case",
    details: (random) => ({ 案号: caseNumber(random), 案由: random.pick(CAUSES) }),
  },
  {
    weight: 7,
    action: "case_create",
    resourceType: "case",
    details: (random, visitor) => ({
      案号: caseNumber(random),
      案由: random.pick(CAUSES),
      标的额: yuan(random) * 20,
      受理机构: `${visitor.city.replace("市", "")}${random.pick(COURTS)}`,
    }),
  },
  {
    weight: 10,
    action: "case_update",
    resourceType: "case",
    details: (random) => ({
      案号: caseNumber(random),
      变更: { 字段: "案件状态", 旧值: "待受理", 新值: random.pick(["审理中", "调解中", "已结案"]) },
    }),
  },
  {
    weight: 5,
    action: "case_assign",
    resourceType: "case",
    details: (random) => ({
      案号: caseNumber(random),
      律师: random.pick(["王律师", "李律师", "张律师", "陈律师"]),
      分配方式: random.pick(["系统匹配", "人工指派"]),
    }),
  },
  {
    weight: 8,
    action: "document_generate",
    resourceType: "document",
    details: (random) => ({
      文书: random.pick(DOCUMENTS),
      页数: random.whole(1, 24),
      耗时毫秒: Math.round(random.logNormal(2_300, 0.5)),
    }),
  },
  {
    weight: 6,
    action: "document_download",
    resourceType: "document",
    details: (random) => ({ 文书: random.pick(DOCUMENTS), 格式: random.pick(["PDF", "DOCX"]) }),
  },
  {
    weight: 6,
    action: "payment_success",
    resourceType: "payment",
    details: (random) => ({
      金额: yuan(random),
      币种: "CNY",
      渠道: random.pick(CHANNELS),
      用途: random.pick(["律师费", "咨询费", "文书服务费"]),
    }),
  },
  {
    weight: 1,
    action: "payment_failed",
    resourceType: "payment",
    details: (random) => ({ 金额: yuan(random), 币种: "CNY", 渠道: random.pick(CHANNELS), 原因: random.pick(REASONS) }),
  },
  {
    weight: 5,
    action: "consultation_book",
    resourceType: "consultation",
    details: (random) => ({
      方式: random.pick(["电话", "视频", "面谈"]),
      时长分钟: random.pick([15, 30, 60]),
      备注: random.pick(CAUSES),
    }),
  },
  {
    weight: 4,
    action: "message_send",
    resourceType: "message",
    details: (random) => ({ 字数: random.whole(2, 400), 含附件: random.chance(0.2) }),
  },
  {
    weight: 2,
    action: "profile_update",
    resourceType: "user",
    details: (random) => ({ 字段: random.pick(["手机号", "头像", "实名认证", "通知设置"]) }),
  },
];

/** Generates an activity of a visitor. */
export function generateActivity(random: Random, visitor: Visitor): Activity {
  const kind = random.weighted(KINDS);
  return {
    action: kind.action,
    resourceType: kind.resourceType,
    resourceId: kind.resourceType === "user" ? visitor.userId : String(random.whole(10_000, 99_999)),
    details: kind.details(random, visitor),
  };
}
