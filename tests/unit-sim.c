/* unit-sim.c - faults, and what a message must look like */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "sim/body.h"
#include "sim/check.h"
#include "sim/fault.h"
#include "sim/media.h"

static void
test_faults(void **state)
{
	static const char *const bad[] = { "x", "500:", "500:0%", "500:101%",
		"500:#0", "500:#3-2", "500:1/0", "429=x", "-1", NULL };
	static const char *const good[] = { "401", "429", "429-date",
		"429-bare", "500", "503", "error-200", "drop", "hang",
		"refused", "redirect", "early", "undelivered",
		"reset-after-read", "reset-mid-answer", "half-closed",
		"garbled", "html", "huge", "byte-a-second", "131056", NULL };
	struct sim_faults *f;
	const struct sim_fault *hit;
	int hits = 0;

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++)
		if (sim_faults_parse(bad[i], 1, &f) != ERR_USAGE)
			fail_msg("%s", bad[i]);
	for (size_t i = 0; good[i] != NULL; i++) {
		if (sim_faults_parse(good[i], 1, &f) != 0)
			fail_msg("%s", good[i]);
		assert_non_null(sim_fault_draw(f, "messages", 1));
		sim_faults_free(f);
	}
	assert_int_equal(sim_faults_parse("190:#2-3,429=9:1/5,hang:20%", 7, &f),
	    0);
	assert_int_equal(sim_fault_draw(f, "messages", 2)->code, 190);
	assert_int_equal(sim_fault_draw(f, "messages", 3)->http, 401);
	hit = sim_fault_draw(f, "messages", 5);
	assert_int_equal(hit->http, 429);
	assert_int_equal(hit->retry_after_s, 9);
	for (uint64_t n = 1; n <= 10000; n++)
		hits += n % 5 != 0 && sim_fault_draw(f, "messages", n) != NULL;
	assert_in_range(hits, 1450, 1750); /* a fifth of 8,000 */
	sim_faults_free(f);
	assert_int_equal(sim_faults_parse("none", 1, &f), 0);
	assert_null(sim_fault_draw(f, "messages", 1));
	sim_faults_free(f);
	/* By the edge. */
	assert_int_equal(sim_faults_parse("500@media,503@any:#2", 1, &f), 0);
	assert_null(sim_fault_draw(f, "messages", 1));
	assert_int_equal(sim_fault_draw(f, "media", 1)->http, 500);
	assert_int_equal(sim_fault_draw(f, "messages", 2)->http, 503);
	sim_faults_free(f);
}

/* With ' for ", and AxN for N times the letter A. */
static json_t *
parse(const char *text)
{
	struct buf b = BUF_INIT(0);
	json_t *o;
	char *end;

	for (; *text != '\0'; text++)
		if (*text == '\'') {
			buf_addc(&b, '"');
		} else if (text[0] == 'A' && text[1] == 'x') {
			for (long n = strtol(text + 2, &end, 10); n > 0; n--)
				buf_addc(&b, 'A');
			text = end - 1;
		} else {
			buf_addc(&b, *text);
		}
	if (json_object_parse(b.data, b.len, &o) < 0)
		fail_msg("%s: %s", err_reason(), b.data);
	buf_release(&b);
	return o;
}

/* The rest of a message, and the code it is refused with; 0: it is taken. */
static const struct {
	int code;
	const char *rest;
} rows[] = {
	/* What every message has. */
	{ 0, "'to':'491700000001','type':'text','text':{'body':'hi'}" },
	{ 0, "'to':'+49 (170) 000-0001','text':{'body':'hi'}" },
	{ 0, "'recipient':'DE.abc1','type':'text','text':{'body':'hi'}" },
	{ 0,
	    "'recipient':'DE.ENT.abc1','to':'491700000001','text':{'body':'hi'}" },
	{ 131008, "'type':'text','text':{'body':'hi'}" },
	{ 131009, "'to':'DE.abc1','text':{'body':'hi'}" },
	{ 131009, "'to':'123456789012345678901','text':{'body':'hi'}" },
	{ 131009, "'recipient':'491700000001','text':{'body':'hi'}" },
	{ 131009, "'recipient':'DE.Ax129','text':{'body':'hi'}" },
	{ 100, "'to':491700000001,'text':{'body':'hi'}" },
	{ 100, "'to':null,'text':{'body':'hi'}" },
	{ 100, "'to':'491700000001','text':{'body':'hi'},'extra':1" },
	{ 100, "'to':'491700000001','text':{'body':'hi','extra':1}" },
	{ 131051, "'to':'491700000001','type':'fax','fax':{}" },
	{ 131008,
	    "'to':'491700000001','type':'image','text':{'body':'hi'},"
	    "'context':{}" },
	{ 100,
	    "'to':'491700000001','type':'image','text':{'body':'hi'},"
	    "'image':{'id':'1'}" },
	{ 131008, "'to':'491700000001','type':'image'" },
	{ 0,
	    "'to':'491700000001','context':{'message_id':'w'},'text':{'body':'x'}" },
	{ 131009,
	    "'to':'491700000001','recipient_type':'all','text':{'body':'x'}" },
	{ 0, "'to':'G1','recipient_type':'group','text':{'body':'x'}" },
	{ 0,
	    "'to':'491700000001','biz_opaque_callback_data':'Ax512',"
	    "'text':{'body':'x'}" },
	{ 131009,
	    "'to':'491700000001','biz_opaque_callback_data':'Ax513',"
	    "'text':{'body':'x'}" },
	/* Text. */
	{ 0,
	    "'to':'491700000001','text':{'body':'Ax4096','preview_url':true}" },
	{ 131009, "'to':'491700000001','text':{'body':'Ax4097'}" },
	{ 131009, "'to':'491700000001','text':{'body':''}" },
	{ 131008, "'to':'491700000001','text':{}" },
	{ 100, "'to':'491700000001','text':{'body':'x','preview_url':'yes'}" },
	{ 100, "'to':'491700000001','text':'x'" },
	/* Media. */
	{ 0,
	    "'to':'491700000001','type':'image','image':{'id':'1','caption':'Ax1024'}" },
	{ 131009,
	    "'to':'491700000001','type':'image','image':{'id':'1','caption':'Ax1025'}" },
	{ 0,
	    "'to':'491700000001','type':'video','video':{'link':'https://x/a.mp4'}" },
	{ 131009,
	    "'to':'491700000001','type':'video','video':{'link':'ftp://x/a'}" },
	{ 131008,
	    "'to':'491700000001','type':'video','video':{'caption':'x'}" },
	{ 100,
	    "'to':'491700000001','type':'video',"
	    "'video':{'id':'1','link':'https://x/a'}" },
	{ 0,
	    "'to':'491700000001','type':'audio','audio':{'id':'1','voice':true}" },
	{ 100,
	    "'to':'491700000001','type':'audio','audio':{'id':'1','caption':'x'}" },
	{ 0,
	    "'to':'491700000001','type':'document','document':{'id':'1',"
	    "'filename':'a.pdf','caption':'x'}" },
	{ 0, "'to':'491700000001','type':'sticker','sticker':{'id':'1'}" },
	{ 100,
	    "'to':'491700000001','type':'sticker','sticker':{'id':'1',"
	    "'caption':'x'}" },
	/* Location, contacts, reaction. */
	{ 0,
	    "'to':'491700000001','type':'location','location':{'latitude':1.5,"
	    "'longitude':'-2.5','name':'x','address':'y'}" },
	{ 131008,
	    "'to':'491700000001','type':'location','location':{'latitude':1}" },
	{ 131009,
	    "'to':'491700000001','type':'location','location':{'latitude':91,"
	    "'longitude':0}" },
	{ 100,
	    "'to':'491700000001','type':'location','location':{'latitude':'north',"
	    "'longitude':0}" },
	{ 0,
	    "'to':'491700000001','type':'contacts','contacts':[{'name':"
	    "{'formatted_name':'A B','first_name':'A'},'phones':[{'phone':"
	    "'1','type':'WORK','wa_id':'1'}]}]" },
	{ 131008,
	    "'to':'491700000001','type':'contacts','contacts':[{'name':"
	    "{'formatted_name':'A B'}}]" },
	{ 131008,
	    "'to':'491700000001','type':'contacts','contacts':[{'name':"
	    "{'first_name':'A'}}]" },
	{ 131009, "'to':'491700000001','type':'contacts','contacts':[]" },
	{ 0,
	    "'to':'491700000001','type':'reaction','reaction':{'message_id':'w',"
	    "'emoji':''}" },
	{ 131008,
	    "'to':'491700000001','type':'reaction','reaction':{'emoji':'x'}" },
	/* Reply buttons. */
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{'type':'button',"
	    "'header':{'type':'text','text':'Ax60'},'body':{'text':'Ax1024'},"
	    "'footer':{'text':'Ax60'},'action':{'buttons':["
	    "{'type':'reply','reply':{'id':'Ax256','title':'Ax20'}},"
	    "{'type':'reply','reply':{'id':'b','title':'B'}},"
	    "{'type':'reply','reply':{'id':'c','title':'C'}}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'},'action':{'buttons':["
	    "{'type':'reply','reply':{'id':'a','title':'Ax21'}}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'Ax1025'},'action':{"
	    "'buttons':[{'type':'reply','reply':{'id':'a',"
	    "'title':'A'}}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'},'action':{'buttons':["
	    "{'type':'reply','reply':{'id':'a','title':'A'}},"
	    "{'type':'reply','reply':{'id':'a','title':'B'}}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'},'action':{'buttons':["
	    "{'type':'reply','reply':{'id':'a','title':'A'}},"
	    "{'type':'reply','reply':{'id':'b','title':'A'}}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'},'action':{'buttons':["
	    "{'type':'reply','reply':{'id':'1','title':'1'}},"
	    "{'type':'reply','reply':{'id':'2','title':'2'}},"
	    "{'type':'reply','reply':{'id':'3','title':'3'}},"
	    "{'type':'reply','reply':{'id':'4','title':'4'}}]}}" },
	{ 131008,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','action':{'buttons':["
	    "{'type':'reply','reply':{'id':'1','title':'1'}}]}}" },
	{ 131008,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'},'action':{}}" },
	{ 131008,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'button','body':{'text':'x'}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'dance','body':{'text':'x'},'action':{}}" },
	/* Lists. */
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{'type':'list',"
	    "'body':{'text':'x'},'action':{'button':'Ax20','sections':["
	    "{'rows':[{'id':'Ax200','title':'Ax24','description':'Ax72'}]}"
	    "]}}" },
	{ 131008,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'list','body':{'text':'x'},'action':{'button':'b',"
	    "'sections':[{'rows':[{'id':'1','title':'1'}]},"
	    "{'rows':[{'id':'2','title':'2'}]}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'list','body':{'text':'x'},'action':{'button':'b',"
	    "'sections':[{'title':'s','rows':[{'id':'1','title':'1'},"
	    "{'id':'2','title':'2'},{'id':'3','title':'3'},"
	    "{'id':'4','title':'4'},{'id':'5','title':'5'},"
	    "{'id':'6','title':'6'}]},{'title':'t','rows':["
	    "{'id':'7','title':'1'},{'id':'8','title':'2'},"
	    "{'id':'9','title':'3'},{'id':'10','title':'4'},"
	    "{'id':'11','title':'5'}]}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'list','body':{'text':'x'},'action':{'button':'b',"
	    "'sections':[{'rows':[{'id':'1','title':'1'},"
	    "{'id':'1','title':'2'}]}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'list','body':{'text':'x'},'action':{'button':"
	    "'Ax21','sections':[{'rows':[{'id':'1','title':'1'}]}]}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'list','header':{'type':'image','image':{'id':'1'}},"
	    "'body':{'text':'x'},'action':{'button':"
	    "'b','sections':[{'rows':[{'id':'1','title':'1'}]}]}}" },
	/* The others. */
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'cta_url','body':{'text':'x'},'action':{'name':'cta_url',"
	    "'parameters':{'display_text':'Go','url':'https://x/'}}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'cta_url','body':{'text':'x'},'action':{"
	    "'name':'cta_url','parameters':{'display_text':'Ax21',"
	    "'url':'https://x/'}}}" },
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{'type':'flow',"
	    "'body':{'text':'x'},'action':{'name':'flow','parameters':{"
	    "'flow_message_version':'3','flow_id':'1','flow_cta':'Ax30',"
	    "'flow_token':'t','flow_action':'navigate',"
	    "'flow_action_payload':{'screen':'A','data':{'a':1}}}}}" },
	{ 100,
	    "'to':'491700000001','type':'interactive','interactive':{'type':'flow',"
	    "'body':{'text':'x'},'action':{'name':'flow','parameters':{"
	    "'flow_message_version':'3','flow_id':'1','flow_name':'n',"
	    "'flow_cta':'Go'}}}" },
	{ 131009,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'flow','body':{'text':'x'},'action':{'name':'flow',"
	    "'parameters':{'flow_message_version':'2','flow_id':'1',"
	    "'flow_cta':'Go'}}}" },
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'location_request_message','body':{'text':'x'},"
	    "'action':{'name':'send_location'}}" },
	{ 0,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'product','action':{'catalog_id':'1',"
	    "'product_retailer_id':'2'}}" },
	{ 100,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'product','header':{'type':'text','text':'x'},"
	    "'action':{'catalog_id':'1','product_retailer_id':'2'}}" },
	{ 131008,
	    "'to':'491700000001','type':'interactive','interactive':{"
	    "'type':'product_list','body':{'text':'x'},'action':{"
	    "'catalog_id':'1','sections':[{'title':'s',"
	    "'product_items':[{'product_retailer_id':'2'}]}]}}" },
	/* Templates. */
	{ 0,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{'code':'en_US','policy':'deterministic'},"
	    "'components':[{'type':'header','parameters':[{'type':'image',"
	    "'image':{'id':'1'}}]},{'type':'body','parameters':[{'type':"
	    "'text','text':'x'},{'type':'currency','currency':{"
	    "'fallback_value':'1 EUR','code':'EUR','amount_1000':1000}},"
	    "{'type':'date_time','date_time':{'fallback_value':'x'}}]},"
	    "{'type':'button','sub_type':'quick_reply','index':'0',"
	    "'parameters':[{'type':'payload','payload':'p'}]},"
	    "{'type':'button','sub_type':'copy_code','index':1,"
	    "'parameters':[{'type':'coupon_code','coupon_code':'c'}]}]}" },
	{ 131008,
	    "'to':'491700000001','type':'template','template':{'name':'hello'}" },
	{ 131008,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{}}" },
	{ 131008,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{'code':'en'},'components':[{'type':'button',"
	    "'sub_type':'url','parameters':[{'type':'text',"
	    "'text':'x'}]}]}" },
	{ 131008,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{'code':'en'},'components':[{'type':'body',"
	    "'parameters':[{'type':'text'}]}]}" },
	{ 131009,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{'code':'en'},'components':[{'type':'footer'}]}" },
	{ 0,
	    "'to':'491700000001','type':'template','template':{'name':'hello',"
	    "'language':{'code':'en'},'components':[{'type':'carousel',"
	    "'cards':[{'card_index':0,'components':[{'type':'body',"
	    "'parameters':[{'type':'text','text':'x'}]}]}]}]}" },
};

static void
test_messages(void **state)
{
	char details[SIM_DETAILS], *text;
	json_t *m;
	int code;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		text = xformat("{'messaging_product':'whatsapp',%s}",
		    rows[i].rest);
		m = parse(text);
		code = sim_check_message(m, false, details);
		if (code != rows[i].code)
			fail_msg("%d, not %d (%s): %s", code, rows[i].code,
			    code != 0 ? details : "taken", rows[i].rest);
		json_decref(m);
		free(text);
	}
	m = parse("{'to':'491700000001','text':{'body':'x'}}");
	assert_int_equal(sim_check_message(m, false, details), 131008);
	json_decref(m);
	/* Only strictly. */
	m = parse("{'messaging_product':'whatsapp','to':'49170',"
		  "'text':{'body':'x'}}");
	assert_int_equal(sim_check_message(m, true, details), 131009);
	json_decref(m);
}

static void
test_read(void **state)
{
	static const struct {
		int code;
		const char *text;
	} reads[] = {
		{ 0,
		    "{'messaging_product':'whatsapp','status':'read',"
		    "'message_id':'w'}" },
		{ 0,
		    "{'messaging_product':'whatsapp','status':'read',"
		    "'message_id':'w','typing_indicator':{'type':'text'}}" },
		{ 131009,
		    "{'messaging_product':'whatsapp','status':'seen',"
		    "'message_id':'w'}" },
		{ 131008, "{'messaging_product':'whatsapp','status':'read'}" },
		{ 100,
		    "{'messaging_product':'whatsapp','status':'read',"
		    "'message_id':'w','to':'491700000001'}" },
		{ 131009,
		    "{'messaging_product':'whatsapp','status':'read',"
		    "'message_id':'w','typing_indicator':{'type':'x'}}" },
	};
	char details[SIM_DETAILS];

	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		json_t *m = parse(reads[i].text);

		assert_int_equal(sim_check_read(m, details), reads[i].code);
		json_decref(m);
	}
}

static void
test_bsuid(void **state)
{
	(void)state;
	assert_true(sim_is_bsuid("DE.abc1"));
	assert_true(sim_is_bsuid("BR.ENT.9"));
	assert_false(sim_is_bsuid("491700000001"));
	assert_false(sim_is_bsuid("DE."));
	assert_false(sim_is_bsuid("DE.a.b"));
	assert_false(sim_is_bsuid("de.abc"));
	assert_false(sim_is_bsuid("D"));
	assert_false(sim_is_bsuid(""));
}

static void
test_form(void **state)
{
	static const char body[] =
	    "--b\r\nContent-Disposition: form-data; name=\"messaging_product\""
	    "\r\n\r\nwhatsapp\r\n--b\r\nContent-Disposition: form-data; "
	    "name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png"
	    "\r\n\r\nab\r\n--bc\r\n\r\n--b--\r\n";
	struct sim_form f;

	(void)state;
	assert_int_equal(sim_form_parse("multipart/form-data; boundary=b", body,
			     sizeof body - 1, &f),
	    0);
	assert_string_equal(f.product, "whatsapp");
	assert_string_equal(f.file_name, "a.png");
	assert_string_equal(f.file_type, "image/png");
	assert_int_equal(f.file_len, 10); /* "--bc" is no boundary */
	sim_form_release(&f);
	assert_int_equal(sim_form_parse("multipart/form-data", body,
			     sizeof body - 1, &f),
	    ERR_DATA);
	sim_form_release(&f);
	/* Cut anywhere: refused, and nothing is read beyond the end. */
	for (size_t len = 0; len < sizeof body - 1; len++) {
		char *copy = xmalloc(len + 1);

		memcpy(copy, body, len);
		sim_form_parse("multipart/form-data; boundary=\"b\"", copy, len,
		    &f);
		sim_form_release(&f);
		free(copy);
	}
}

static void
test_media(void **state)
{
	(void)state;
	assert_null(sim_media_wrong("image", "image/png", 5 * 1024 * 1024));
	assert_non_null(
	    sim_media_wrong("image", "image/png", 5 * 1024 * 1024 + 1));
	assert_non_null(sim_media_wrong("image", "image/gif", 1));
	assert_null(sim_media_wrong("audio", "audio/ogg; codecs=opus", 1));
	assert_non_null(sim_media_wrong("audio", "image/png", 1));
	assert_null(sim_media_wrong("document", "image/png", 1));
	assert_null(sim_media_wrong("sticker", "image/webp", 500 * 1024));
	assert_non_null(sim_media_wrong("sticker", "image/webp", 501 * 1024));
	assert_null(sim_media_wrong(NULL, "video/mp4", 16 * 1024 * 1024));
	assert_string_equal(sim_media_type("a.b/c.PDF"), "application/pdf");
	assert_null(sim_media_type("png"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_bsuid),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_media),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
