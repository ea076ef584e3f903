import crawlers from "crawler-user-agents";
import { expect, it } from "vitest";
import { hasBotText, isBot, parseUserAgent } from "./user-agent";

/** Names in the list of apps in which people open pages. */
const APPS = ["MetaIAB Facebook", "Fluid"];

it("recognises every program and crawler of the maintained list crawler-user-agents", async () => {
  const names = crawlers
    .map(({ pattern }) => pattern)
    .filter((pattern) => !APPS.includes(pattern) && !hasBotText(`${pattern.replaceAll("\\", "")} `));
  // After an update of the package, `npx vitest run user-agent -u` writes the file.
  await expect(`${JSON.stringify(names, null, 2)}\n`).toMatchFileSnapshot("./bot-names.json");
  const missed = crawlers
    .filter(({ pattern }) => !APPS.includes(pattern))
    .flatMap(({ instances }) => instances.filter((userAgent) => !isBot(userAgent)));
  expect(missed).toEqual([]);
});

it.each([
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
  "GPTBot",
  "ClaudeBot",
  "WordPress/6.8.2; https://example.com",
  "WordPress/6.8",
  "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider)",
  "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/50.0 Safari/537.36; 360Spider",
  "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
  "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
  "Mozilla/5.0 (compatible; YisouSpider/5.0; +http://www.yisou.com/help/webmaster/spider_guide.html)",
  "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
  "curl/8.5.0",
  "Wget/1.21.4",
  "python-requests/2.32.3",
  "Go-http-client/2.0",
  "Apache-HttpClient/4.5.13 (Java/17)",
  "okhttp/4.12.0",
  "aiohttp/3.9",
  "WhatsApp/2.23.20.0",
  "Zabbix",
  "Mozilla/5.0 zgrab/0.x",
])("%s is a bot", (userAgent) => {
  expect(parseUserAgent(userAgent).device_type).toBe("bot");
});

it.each([
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36 (Ecosia android@150.0.0.0)",
  "Mozilla/5.0 (Linux; Android 12; Panasonic P55 Max) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.54(0x18003636) NetType/WIFI Language/zh_CN",
  "Mozilla/5.0 (Linux; U; Android 14; zh-cn; 23127PN0CC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.7",
  "Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 HuaweiBrowser/14.0.5 Mobile Safari/537.36",
  "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/97.0 Mobile Safari/537.36 T7/13.60 baiduboxapp/13.60.0.10 (Baidu; P1 13)",
  "Mozilla/5.0 (Linux; U; Android 13; zh-CN; V2183A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0 UCBrowser/16.5 Mobile Safari/537.36 AliApp(DingTalk/7.6.0)",
  "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0;] MetaIAB Facebook",
  "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.4.1 like Chrome/120.0 Safari/537.36",
  "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)",
])("%s is not a bot", (userAgent) => {
  expect(parseUserAgent(userAgent).device_type).not.toBe("bot");
});
