# scripts.py FOLDER - a text of many scripts as flat ODT, from which an office
# program makes NAME-office.pdf: words of two directions on one line, a list, a
# table and two columns
import sys
from xml.sax.saxutils import escape

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<office:document office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0">
<office:font-face-decls>
<style:font-face style:name="F" svg:font-family="'%(font)s'"/>
</office:font-face-decls>
<office:styles><style:default-style style:family="paragraph">
<style:paragraph-properties style:writing-mode="%(mode)s"
 fo:margin-bottom="0.2cm" fo:text-align="start"/>
<style:text-properties style:font-name="F" style:font-name-asian="F"
 style:font-name-complex="F" fo:font-size="11pt" style:font-size-asian="11pt"
 style:font-size-complex="11pt" fo:language="en"
 fo:country="US" style:language-asian="%(code)s"
 style:language-complex="%(code)s"/>
</style:default-style></office:styles>
<office:automatic-styles>
<style:style style:name="H" style:family="paragraph"><style:text-properties
 fo:font-size="18pt" style:font-size-asian="18pt"
 style:font-size-complex="18pt" fo:font-weight="bold"
 style:font-weight-asian="bold" style:font-weight-complex="bold"/></style:style>
<style:style style:name="B" style:family="paragraph"><style:text-properties
 fo:font-weight="bold" style:font-weight-asian="bold"
 style:font-weight-complex="bold"/></style:style>
<style:style style:name="T" style:family="table"><style:table-properties
 style:width="14cm" style:writing-mode="%(mode)s"/></style:style>
<style:style style:name="S" style:family="section"><style:section-properties
 style:writing-mode="%(mode)s"><style:columns fo:column-count="2"
 fo:column-gap="1cm"/></style:section-properties></style:style>
<style:page-layout style:name="P"><style:page-layout-properties
 fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"
 style:writing-mode="%(mode)s"/></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard"
 style:page-layout-name="P"/></office:master-styles>
<office:body><office:text>
"""

# Each: font, title, paragraphs, items, table, paragraphs of two columns.
TEXTS = {
    "ar": ("Amiri", "سياسة الإرجاع", [
        "يمكن للعميل إرجاع المنتج خلال 30 يوما من استلامه، ويرد المبلغ كاملا"
        " إلى البطاقة نفسها خلال 5 أيام عمل.",
        "اكتب إلى support@shop.example أو اتصل بالرقم 555-0142 قبل إرسال"
        " الطرد عبر شركة Parcel Express إلى المستودع رقم 12 (الباب الخلفي)."],
        ["بطاقات الهدايا لا ترد", "جهاز Lamp Mini 2 يرد خلال 14 يوما"],
        [["البلد", "السعر", "المدة"], ["مصر", "3 EUR", "6 أيام"],
         ["المغرب", "5 EUR", "4 أيام"], ["الأردن", "7 EUR", "8 أيام"]],
        ["يفتح المتجر أبوابه في التاسعة صباحا كل يوم ما عدا يوم الجمعة. ومن جاء"
         " متأخرا فليطرق الباب الجانبي وينتظر قليلا حتى يفتح له الحارس.",
         "ترسل الطرود في يوم الدفع نفسه إذا كان الدفع قبل الظهر. وما دفع بعد"
         " ذلك يغادر في صباح اليوم التالي ومعه رقم يتتبع به العميل طرده."]),
    "he": ("DejaVu Sans", "מדיניות החזרות", [
        "אפשר להחזיר כל מוצר בתוך 30 ימים מיום קבלתו, והכסף יוחזר לכרטיס"
        " האשראי בתוך 5 ימי עבודה.",
        "כתבו אל support@shop.example או התקשרו למספר 555-0142 לפני משלוח"
        " החבילה עם חברת Parcel Express אל מחסן 12 (הדלת האחורית)."],
        ["שוברי מתנה אינם מוחזרים", "מנורת Lamp Mini 2 מוחזרת בתוך 14 ימים"],
        [["עיר", "מחיר", "זמן"], ["חיפה", "3 EUR", "6 ימים"],
         ["אילת", "5 EUR", "4 ימים"], ["יפו", "7 EUR", "8 ימים"]],
        ["החנות נפתחת בתשע בבוקר בכל יום מלבד יום שבת. מי שמאחר יכול לצלצל"
         " בפעמון שבדלת הצד ולחכות מעט עד שהשומר יפתח לו.",
         "החבילות נשלחות ביום התשלום אם שולם לפני הצהריים. מה ששולם מאוחר"
         " יותר יוצא בבוקר שאחריו עם מספר למעקב."]),
    "fa": ("Amiri", "شرایط بازگرداندن کالا", [
        "مشتری می‌تواند کالا را تا ۳۰ روز پس از دریافت پس بفرستد و پول او تا"
        " ۵ روز کاری به همان کارت برمی‌گردد.",
        "پیش از فرستادن بسته با شرکت Parcel Express به support@shop.example"
        " بنویسید یا به شماره 555-0142 زنگ بزنید."],
        ["کارت هدیه پس گرفته نمی‌شود", "چراغ Lamp Mini 2 تا ۱۴ روز پس گرفته"
         " می‌شود"],
        [["شهر", "بها", "زمان"], ["تهران", "3 EUR", "۶ روز"],
         ["شیراز", "5 EUR", "۴ روز"], ["تبریز", "7 EUR", "۸ روز"]],
        ["فروشگاه هر روز جز جمعه ساعت نه صبح باز می‌شود. کسی که دیر می‌رسد زنگ"
         " در کناری را بزند و کمی بماند تا نگهبان در را باز کند.",
         "بسته‌ها همان روز پرداخت فرستاده می‌شوند اگر پیش از ظهر پرداخت شده"
         " باشند. بقیه صبح روز بعد با شماره پیگیری راهی می‌شوند."]),
    "hi": ("Lohit Devanagari", "वापसी की नीति", [
        "ग्राहक तीस दिनों के भीतर उत्पाद लौटा सकते हैं और 5 कार्य दिवसों में पूरी राशि"
        " उसी कार्ड पर वापस मिलती है।",
        "पार्सल को Parcel Express से भेजने के पहले support@shop.example पर"
        " लिखिए या 555-0142 पर फ़ोन कीजिए।"],
        ["उपहार कार्ड वापस नहीं होते", "Lamp Mini 2 चौदह दिनों में वापस होता है"],
        [["शहर", "मूल्य", "अवधि"], ["दिल्ली", "3 EUR", "6 दिन"],
         ["मुंबई", "5 EUR", "4 दिन"], ["चेन्नई", "7 EUR", "8 दिन"]],
        ["दुकान शुक्रवार को छोड़कर हर दिन सुबह नौ बजे खुलती है। देर से आने वाले"
         " बगल के द्वार की घंटी बजाकर थोड़ी प्रतीक्षा करें।",
         "दोपहर के पहले भुगतान होने पर पार्सल उसी दिन निकलता है। बाद के भुगतान"
         " वाले अगली सुबह क्रमांक के साथ निकलते हैं।"]),
    "th": ("Laksaman", "นโยบายการคืนสินค้า", [
        "ลูกค้าคืนสินค้าได้ภายใน 30 วันหลังจากได้รับของ และจะได้รับเงินคืนเข้าบัตรเดิม"
        "ภายใน 5 วันทำการ",
        "โปรดเขียนถึง support@shop.example หรือโทร 555-0142 ก่อนส่งพัสดุกับ"
        "บริษัท Parcel Express"],
        ["บัตรของขวัญคืนไม่ได้", "โคมไฟ Lamp Mini 2 คืนได้ภายใน 14 วัน"],
        [["เมือง", "ราคา", "เวลา"], ["เชียงใหม่", "3 EUR", "6 วัน"],
         ["ภูเก็ต", "5 EUR", "4 วัน"], ["ขอนแก่น", "7 EUR", "8 วัน"]],
        ["ร้านเปิดเก้าโมงเช้าทุกวันยกเว้นวันศุกร์ ผู้ที่มาสายให้กดกริ่งที่ประตูด้านข้าง"
         "แล้วรอสักครู่จนกว่ายามจะเปิดประตูให้",
         "พัสดุจะส่งในวันเดียวกันหากชำระเงินก่อนเที่ยง ที่ชำระหลังจากนั้นจะส่งในเช้า"
         "วันถัดไปพร้อมหมายเลขติดตาม"]),
    "zh": ("Noto Sans CJK SC", "退货政策", [
        "顾客收到商品后可以在30天内退货，全部货款会在5个工作日内退回原来的银行卡。",
        "寄出包裹以前请写信到support@shop.example或拨打555-0142，并使用"
        "Parcel Express公司寄到12号仓库。"],
        ["礼品卡不能退", "台灯 Lamp Mini 2 可以在14天内退"],
        [["城市", "价格", "时间"], ["北京", "3 EUR", "6天"],
         ["上海", "5 EUR", "4天"], ["广州", "7 EUR", "8天"]],
        ["商店除了星期五以外每天早上九点开门。来晚的人可以按旁边小门的门铃，等一会儿"
         "保安就会来开门。",
         "中午以前付款的包裹当天就会寄出。中午以后付款的包裹第二天早上带着查询号码"
         "寄出，可以一路查询。"]),
    "ja": ("Noto Sans CJK JP", "返品について", [
        "お客様は商品を受け取ってから30日以内に返品できます。代金は5営業日以内に"
        "同じカードへ全額返金されます。",
        "荷物を送る前にsupport@shop.exampleへご連絡いただくか555-0142へお電話の"
        "うえParcel Expressで12番倉庫へお送りください。"],
        ["ギフトカードは返品できません", "ランプ Lamp Mini 2 は14日以内に返品できます"],
        [["都市", "料金", "日数"], ["東京", "3 EUR", "6日"],
         ["大阪", "5 EUR", "4日"], ["札幌", "7 EUR", "8日"]],
        ["店は金曜日を除いて毎朝九時に開きます。遅れて来た方は横の扉の呼び鈴を押して、"
         "係の者が開けるまで少しお待ちください。",
         "正午までにお支払いいただいた荷物はその日のうちに発送します。その後のものは"
         "翌朝に追跡番号を付けて発送します。"]),
}


def paragraph(text, style=None):
    named = f' text:style-name="{style}"' if style else ""
    return f"<text:p{named}>{escape(text)}</text:p>\n"


for code, (font, title, body, items, table, columns) in TEXTS.items():
    mode = "rl-tb" if code in ("ar", "he", "fa") else "lr-tb"
    out = HEAD % {"font": font, "mode": mode, "code": code}
    out += paragraph(title, "H")
    out += "".join(paragraph(p) for p in body)
    out += "".join(paragraph("• " + i) for i in items)
    out += '<table:table table:style-name="T">\n'
    out += f'<table:table-column table:number-columns-repeated="3"/>\n'
    for i, row in enumerate(table):
        out += "<table:table-row>" + "".join(
            "<table:table-cell>" + paragraph(c, None if i else "B") +
            "</table:table-cell>" for c in row) + "</table:table-row>\n"
    out += "</table:table>\n"
    out += paragraph("")
    out += '<text:section text:style-name="S" text:name="s">'
    out += "".join(paragraph(p) for p in columns)
    out += "</text:section>\n"
    out += "</office:text></office:body></office:document>\n"
    with open(f"{sys.argv[1]}/{code}-office.fodt", "w") as f:
        f.write(out)
