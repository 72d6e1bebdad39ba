/* hanzi - Chinese words in the other of the two ways to write them */
#include <stdint.h>
#include <string.h>

#include "kb/hanzi.h"

#define SIGN_BYTES 3 /* of all of them in UTF-8 */

/* Each with the simple one behind it. Of two that become the same the commoner
 * comes first. */
static const char pairs[] =
    "時时間间營营業业門门關关開开書书車车東东國国語语學学實实點点話话"
    "電电買买賣卖價价錢钱幣币單单訂订貨货運运費费遞递達达發发換换還还"
    "這这個个來来們们麼么嗎吗後后會会員员帳帐戶户號号碼码資资訊讯網网"
    "絡络線线無无機机與与從从對对應应當当經经過过進进遠远邊边讓让說说"
    "請请問问題题處处決决選选擇择產产優优類类種种範范圍围質质檢检測测"
    "試试驗验證证據据認认識识標标準准級级別别顏颜藍蓝綠绿紅红黃黄銀银"
    "鐵铁銅铜鋼钢長长寬宽輕轻熱热溫温濕湿氣气壓压為为該该須须領领現现"
    "計计結结賬账務务績绩總总數数聯联繫系給给幾几鐘钟歲岁週周禮礼節节"
    "慶庆賀贺歡欢樂乐養养護护療疗醫医藥药壞坏損损傷伤舊旧廠厂責责備备"
    "註注銷销權权規规則则條条約约協协議议簽签稅税課课設设裝装飾饰變变"
    "動动態态勢势樣样誤误錯错丟丢遺遗憶忆減减額额餘余滿满畫画圖图廣广"
    "場场館馆樓楼層层廚厨廁厕衛卫陽阳臺台灣湾緣缘覽览觀观賞赏導导購购"
    "專专屬属區区縣县鄉乡鎮镇廳厅劃划撥拨轉转匯汇貸贷債债聽听讀读寫写"
    "筆笔記记錄录連连續续斷断終终極极絕绝雖虽獨独難难誰谁雙双師师參参"
    "異异靜静兒儿嬰婴婦妇愛爱親亲媽妈爺爷頭头髮发臉脸腳脚膚肤腦脑體体"
    "飯饭麵面雞鸡魚鱼鴨鸭蘋苹櫻樱葉叶樹树蟲虫貓猫豬猪馬马鳥鸟龍龙龜龟"
    "鮮鲜鹹咸鹽盐燒烧湯汤糧粮麥麦廢废棄弃綫线纜缆鍵键盤盘螢萤顯显視视"
    "頻频製制軟软雲云儲储載载傳传輸输檔档夾夹鏈链";

/* The sign that takes the place of the one at p: of the others the simple one, or
 * the other of a simple one; NULL: there is none. */
static const char *
other_sign(const char *p, bool to_simple)
{
	const char *pair = pairs, *from;

	for (; *pair != '\0'; pair += 2 * SIGN_BYTES) {
		from = pair + (to_simple ? 0 : SIGN_BYTES);
		if (memcmp(p, from, SIGN_BYTES) == 0)
			return pair + (to_simple ? SIGN_BYTES : 0);
	}
	return NULL;
}

static bool
change(const char *word, bool to_simple, char ret[KB_WORD_MAX_BYTES + 1])
{
	size_t len = strlen(word), i;
	const char *other;
	bool is_changed = false;

	memcpy(ret, word, len + 1);
	for (i = 0; i + SIGN_BYTES <= len; i += SIGN_BYTES) {
		other = other_sign(word + i, to_simple);
		if (other == NULL)
			continue;
		memcpy(ret + i, other, SIGN_BYTES);
		is_changed = true;
	}
	return is_changed;
}

bool
hanzi_other(const char *word, char ret[KB_WORD_MAX_BYTES + 1])
{
	size_t len = strlen(word), i;

	/* All are of three bytes. */
	for (i = 0; i < len; i += SIGN_BYTES)
		if (((unsigned char)word[i] & 0xf0) != 0xe0)
			return false;
	return len > 0 && len <= KB_WORD_MAX_BYTES &&
	    (change(word, true, ret) || change(word, false, ret));
}
