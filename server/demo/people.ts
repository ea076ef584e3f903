import type { Random } from "./random";

interface Place {
  readonly weight: number;
  readonly region: string;
  readonly cities: readonly [string, ...string[]];
  /** First two bytes of IPv4 blocks of the province's carriers. */
  readonly networks: readonly [string, ...string[]];
}

const PLACES: readonly [Place, ...Place[]] = [
  {
    weight: 15,
    region: "广东省",
    cities: ["广州市", "深圳市", "东莞市", "佛山市"],
    networks: ["113.65", "14.153", "183.14"],
  },
  { weight: 11, region: "北京市", cities: ["北京市"], networks: ["114.242", "111.192", "123.112"] },
  { weight: 10, region: "上海市", cities: ["上海市"], networks: ["101.80", "116.224", "180.152"] },
  {
    weight: 10,
    region: "浙江省",
    cities: ["杭州市", "宁波市", "温州市", "嘉兴市"],
    networks: ["115.192", "60.176", "125.118"],
  },
  {
    weight: 10,
    region: "江苏省",
    cities: ["南京市", "苏州市", "无锡市", "南通市"],
    networks: ["114.217", "49.64", "180.96"],
  },
  {
    weight: 7,
    region: "山东省",
    cities: ["济南市", "青岛市", "烟台市", "潍坊市"],
    networks: ["112.224", "27.192", "119.162"],
  },
  { weight: 7, region: "四川省", cities: ["成都市", "绵阳市", "宜宾市"], networks: ["118.112", "171.208", "182.128"] },
  { weight: 6, region: "湖北省", cities: ["武汉市", "宜昌市", "襄阳市"], networks: ["27.16", "58.48", "116.208"] },
  { weight: 5, region: "福建省", cities: ["福州市", "厦门市", "泉州市"], networks: ["110.80", "59.56", "120.32"] },
  { weight: 5, region: "河南省", cities: ["郑州市", "洛阳市"], networks: ["115.48", "123.52", "171.8"] },
  { weight: 4, region: "湖南省", cities: ["长沙市", "株洲市"], networks: ["113.240", "175.0", "222.240"] },
  { weight: 4, region: "陕西省", cities: ["西安市", "咸阳市"], networks: ["113.132", "117.32", "1.80"] },
  { weight: 3, region: "重庆市", cities: ["重庆市"], networks: ["106.80", "14.104", "183.64"] },
  { weight: 2, region: "辽宁省", cities: ["沈阳市", "大连市"], networks: ["113.224", "175.160", "218.60"] },
  { weight: 1, region: "新疆维吾尔自治区", cities: ["乌鲁木齐市"], networks: ["110.152", "124.88"] },
];

interface WeightedText {
  readonly weight: number;
  readonly text: string;
}

const USER_AGENTS: readonly [WeightedText, ...WeightedText[]] = [
  {
    weight: 24,
    text: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  },
  {
    weight: 12,
    text: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
  },
  {
    weight: 6,
    text: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
  },
  { weight: 4, text: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0" },
  {
    weight: 18,
    text: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.61 NetType/WIFI Language/zh_CN",
  },
  {
    weight: 8,
    text: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  },
  {
    weight: 14,
    text: "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.103 Mobile Safari/537.36",
  },
  {
    weight: 9,
    text: "Mozilla/5.0 (Linux; Android 12; HarmonyOS; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
  },
  {
    weight: 3,
    text: "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  },
];

const BOTS: readonly [WeightedText, ...WeightedText[]] = [
  { weight: 5, text: "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)" },
  { weight: 3, text: "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)" },
  { weight: 2, text: "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)" },
];

/** A user with a browser. */
export interface Visitor {
  readonly userId: string;
  readonly sessionId: string;
  readonly address: string;
  readonly userAgent: string;
  readonly region: string;
  readonly city: string;
}

/** Creates a fixed set of visitors. */
export function createVisitors(random: Random, count: number): [Visitor, ...Visitor[]] {
  const visitor = () => makeVisitor(random);
  return [visitor(), ...Array.from({ length: count - 1 }, visitor)];
}

function makeVisitor(random: Random): Visitor {
  const place = random.weighted(PLACES);
  return {
    userId: random.uuid(),
    sessionId: random.hex(32),
    address: `${random.pick(place.networks)}.${random.whole(0, 255)}.${random.whole(1, 254)}`,
    userAgent: random.weighted(USER_AGENTS).text,
    region: place.region,
    city: random.pick(place.cities),
  };
}

export function botUserAgent(random: Random): string {
  return random.weighted(BOTS).text;
}

/** Picks a visitor. The random number is squared, so that a tenth of the visitors makes a third of the visits. */
export function frequentVisitor(random: Random, visitors: readonly [Visitor, ...Visitor[]]): Visitor {
  return visitors[Math.floor(random.next() ** 2 * visitors.length)] ?? visitors[0];
}
